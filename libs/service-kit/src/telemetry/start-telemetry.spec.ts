import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { context, metrics, propagation, SpanStatusCode, trace } from '@opentelemetry/api';
import { startTelemetry } from './start-telemetry.ts';
import { traceparentOf } from './traceparent.ts';

const key = 'cg-key-1234567';

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An OTLP collector on a real socket that keeps what it is sent. */
const startCollector = async (): Promise<{
  server: Server;
  origin: string;
  received: Received[];
}> => {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      received.push({ path: request.url ?? '', headers: request.headers, body });
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, received, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
};

describe('telemetry', () => {
  let collector: Awaited<ReturnType<typeof startCollector>>;
  beforeEach(async () => {
    collector = await startCollector();
  });
  afterEach(async () => {
    collector.server.closeAllConnections();
    await new Promise((resolve) => collector.server.close(resolve));
  });

  const options = (env: Record<string, string>) => ({
    service: 'fetcher',
    version: '1.2.3',
    secrets: [key],
    env,
  });

  it('sends spans and metrics as JSON over HTTP with every secret masked', async () => {
    const telemetry = startTelemetry(
      options({
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.origin,
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20otlp-token-1',
        OTEL_RESOURCE_ATTRIBUTES: `deployment.environment.name=test,leak=${key}`,
        OTEL_SERVICE_NAME: 'fetcher-2',
      }),
    );
    expect(telemetry.exportsTo.traces).toBe(`${collector.origin}/v1/traces`);

    const tracer = trace.getTracer('spec');
    const linked = tracer.startSpan('linked');
    linked.end();
    const span = tracer.startSpan(`GET ${key}`, {
      attributes: {
        'url.full': `https://x/?k=${key}`,
        list: ['a', key],
        map: { deep: [{ key }], [key]: 1, bytes: Buffer.from(key) },
        n: 7,
        long: `${'x'.repeat(4_090)}${key}`,
      },
      links: [{ context: linked.spanContext(), attributes: { seen: key } }],
    });
    span.addEvent('refused', { text: `{"key":"${key}"}`, header: 'otlp-token-1' });
    span.setStatus({ code: SpanStatusCode.ERROR, message: `bad ${encodeURIComponent(key)}` });
    span.end();
    metrics.getMeter('spec').createCounter('coinglass.attempts').add(3, { label: key, ok: true });
    await telemetry.shutdown();

    const all = collector.received.map(({ body }) => body).join('\n');
    expect(collector.received.map(({ path }) => path).sort()).toEqual([
      '/v1/metrics',
      '/v1/traces',
    ]);
    for (const { headers } of collector.received)
      expect(headers).toMatchObject({
        'content-type': 'application/json',
        authorization: 'Bearer otlp-token-1',
      });
    expect(all).not.toMatch(/1234567|otlp-token|cg-key/);
    expect(all).not.toContain(Buffer.from(key).toString('base64'));
    expect(all).not.toContain('process.command');
    expect(all).toContain('***');

    const sent = JSON.parse(
      collector.received.find(({ path }) => path === '/v1/traces')?.body ?? '',
    ) as {
      resourceSpans: { resource: { attributes: object[] }; scopeSpans: { spans: object[] }[] }[];
    };
    const [resourceSpans] = sent.resourceSpans;
    expect(resourceSpans?.resource.attributes).toEqual(
      expect.arrayContaining([
        { key: 'service.name', value: { stringValue: 'fetcher-2' } },
        { key: 'service.version', value: { stringValue: '1.2.3' } },
        { key: 'deployment.environment.name', value: { stringValue: 'test' } },
      ]),
    );
    expect(resourceSpans?.scopeSpans[0]?.spans[1]).toMatchObject({
      traceId: span.spanContext().traceId,
      spanId: span.spanContext().spanId,
      name: 'GET ***',
      status: { code: 2, message: 'bad ***' },
      attributes: expect.arrayContaining([{ key: 'n', value: { intValue: 7 } }]),
    });
    expect(all).toContain('"coinglass.attempts"');
  });

  it('gives every span a trace id that follows async calls, without any collector', async () => {
    const telemetry = startTelemetry(options({}));
    expect(telemetry.exportsTo).toEqual({});
    await trace.getTracer('spec').startActiveSpan('outer', async (outer) => {
      await Promise.resolve();
      const carried = traceparentOf();
      expect(carried).toContain(outer.spanContext().traceId);
      const injected: Record<string, string> = {};
      propagation.inject(context.active(), injected);
      expect(injected).toEqual({ traceparent: carried });
      outer.end();
    });
    await telemetry.shutdown();
    expect(traceparentOf()).toBeUndefined();
  });

  it('takes no harm from a collector that is not there, and says so without a flood', async () => {
    const lines: string[] = [];
    const say = (fields: object, message?: string) =>
      void lines.push(`${JSON.stringify(fields)} ${message}`);
    const telemetry = startTelemetry({
      ...options({
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
        OTEL_EXPORTER_OTLP_TIMEOUT: '100',
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
        OTEL_BSP_MAX_QUEUE_SIZE: '20',
        OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '5',
      }),
      logger: { warn: say, error: say } as never,
    });
    expect(lines.join()).toContain('http/json is sent instead');
    for (let i = 0; i < 500; i += 1) trace.getTracer('spec').startSpan(`s${i}`).end();
    const startedAt = performance.now();
    await telemetry.shutdown();
    expect(performance.now() - startedAt).toBeLessThan(3_500);
    expect(lines.filter((line) => line.includes('telemetry.export')).length).toBeLessThanOrEqual(1);
  });

  it('does nothing when OpenTelemetry is switched off', async () => {
    const telemetry = startTelemetry(
      options({ OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: collector.origin }),
    );
    const span = trace.getTracer('spec').startSpan('x');
    expect(span.isRecording()).toBe(false);
    span.end();
    await telemetry.shutdown();
    expect(collector.received).toEqual([]);
  });
});
