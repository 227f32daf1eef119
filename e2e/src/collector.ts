import { createServer, type Server } from 'node:http';

export interface Span {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly attributes: Record<string, string>;
}

interface OtlpAttribute {
  readonly key: string;
  readonly value: Readonly<Record<string, string | number | boolean>>;
}

interface OtlpTraces {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly OtlpAttribute[] };
    readonly scopeSpans: readonly {
      readonly spans: readonly (Omit<Span, 'service' | 'attributes'> & {
        readonly attributes: readonly OtlpAttribute[];
      })[];
    }[];
  }[];
}

/** Takes OTLP/HTTP JSON and keeps the spans, and every byte it was sent. */
export class Collector {
  readonly spans: Span[] = [];
  received = '';
  server!: Server;
  port = 0;

  async start(): Promise<void> {
    this.server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        this.received += body;
        if (request.url === '/v1/traces') this.#take(body);
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.port = (this.server.address() as { port: number }).port;
  }

  #take(body: string): void {
    const flat = (attributes: readonly OtlpAttribute[]): Record<string, string> =>
      Object.fromEntries(
        attributes.map(({ key, value }) => [key, String(Object.values(value)[0])]),
      );
    const { resourceSpans } = JSON.parse(body) as OtlpTraces;
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = flat(resource.attributes)['service.name'] ?? '';
      for (const { spans } of scopeSpans) {
        for (const span of spans)
          this.spans.push({ ...span, service, attributes: flat(span.attributes) });
      }
    }
  }

  /** The spans of a trace as a tree, one line each, for eyes and assertions. */
  tree(traceId: string): string[] {
    const spans = this.spans.filter((span) => span.traceId === traceId);
    const below = (parentSpanId: string, depth: number): string[] =>
      spans
        .filter((span) => (span.parentSpanId ?? '') === parentSpanId)
        .flatMap((span) => [
          `${'  '.repeat(depth)}${span.service}: ${span.name}`,
          ...below(span.spanId, depth + 1),
        ]);
    return below('', 0);
  }

  stop(): Promise<void> {
    return new Promise((stopped) => this.server.close(() => stopped()));
  }
}
