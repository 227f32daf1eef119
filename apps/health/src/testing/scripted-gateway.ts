import { createServer, type IncomingMessage, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

export interface ScriptedAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON, or text as it is. */
  readonly body: unknown;
}

/** An HTTP server in the gateway's place, whose answers are a script. */
export class ScriptedGateway {
  readonly asked: { readonly url: string; readonly authorization: string | undefined }[] = [];
  readonly #server: Server;

  private constructor(script: (request: IncomingMessage) => ScriptedAnswer) {
    this.#server = createServer((request, response) => {
      const { authorization } = request.headers;
      this.asked.push({ url: request.url ?? '', authorization });
      const { status, headers, body } = script(request);
      response.writeHead(status, { 'x-trace-id': 'f'.repeat(32), ...headers });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  }

  static async started(
    script: (request: IncomingMessage) => ScriptedAnswer,
  ): Promise<ScriptedGateway> {
    const gateway = new ScriptedGateway(script);
    gateway.#server.listen(0, '127.0.0.1');
    await once(gateway.#server, 'listening');
    return gateway;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
