import type { ServerResponse } from 'node:http';

/** What waits for a reader that does not read. An event has some hundred bytes: this is a reader that has stopped. */
const unreadBytesMax = 16 * 1_024;
const heartbeatMs = 15_000;
/** How long a client waits before it connects again. */
const reconnectMs = 2_000;

export interface StreamEvent {
  readonly event: string;
  /** Comes back as `last-event-id`; without line breaks. */
  readonly id: string;
  readonly data: unknown;
}

/**
 * A response of server-sent events: begun at once, kept alive by a comment each 15 s, ended by us or by the reader. A reader that does not
 * take what is sent is dropped; it may connect again.
 */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #heartbeat: NodeJS.Timeout;
  readonly #closed = new AbortController();

  constructor(response: ServerResponse, traceId: string, everyMs = heartbeatMs) {
    this.#response = response;
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-trace-id': traceId,
      // A proxy that collects what passes would keep events from their reader.
      'x-accel-buffering': 'no',
    });
    response.once('close', () => this.#end());
    response.on('error', () => undefined);
    this.#heartbeat = setInterval(() => this.#write(': here\n\n'), everyMs);
    this.#write(`retry: ${reconnectMs}\n\n`);
  }

  /** Aborted when the stream is over, whoever ended it. */
  get signal(): AbortSignal {
    return this.#closed.signal;
  }

  send({ event, id, data }: StreamEvent): void {
    this.#write(`event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  close(): void {
    if (!this.#response.writableEnded) this.#response.end();
    this.#end();
  }

  #write(text: string): void {
    if (this.#closed.signal.aborted || this.#response.writableEnded) return;
    this.#response.write(text);
    if (this.#response.writableLength > unreadBytesMax) this.#response.destroy();
  }

  #end(): void {
    clearInterval(this.#heartbeat);
    this.#closed.abort();
  }
}
