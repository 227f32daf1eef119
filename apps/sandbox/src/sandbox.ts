import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { settingsSchema, type Settings } from './settings.ts';
import { createSandboxServer } from './server.ts';
import { SandboxState } from './state.ts';
import { OrderStream } from './stream/stream.ts';

export interface SandboxOptions {
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port?: number;
  readonly settings?: Partial<Settings>;
  /** The only key to accept; without it any that begins with `sandbox`. */
  readonly key?: string;
  /** Epoch ms. */
  readonly clock?: () => number;
  /** Ms that never go back; the sliding limit counts by it. */
  readonly monotonic?: () => number;
  /** How often a subscribed socket is told the orders of the seconds gone by. */
  readonly pushEveryMs?: number;
}

export interface Sandbox {
  /** `http://host:port`, once listening. */
  readonly url: string;
  /** @throws the socket's error, e.g. EADDRINUSE. */
  listen(): Promise<string>;
  /** Stops at once: open requests and sockets are destroyed. */
  close(): Promise<void>;
}

/** A sandbox on its own port. It reads no environment and writes no log: that is the business of main.ts. */
export function createSandbox({
  host = '127.0.0.1',
  port = 0,
  settings = {},
  key,
  clock = Date.now,
  monotonic = () => performance.now(),
  pushEveryMs = 1000,
}: SandboxOptions = {}): Sandbox {
  const state = new SandboxState(settingsSchema.parse(settings), key, clock, monotonic);
  const stream = new OrderStream(state, pushEveryMs);
  const app = createSandboxServer(state, () => stream.open);
  stream.attach(app.server);

  const url = (): string => {
    const { address, port: bound, family } = app.server.address() as AddressInfo;
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`;
  };

  return {
    get url() {
      return url();
    },
    async listen() {
      await app.listen({ host, port });
      return url();
    },
    async close() {
      stream.close();
      await app.close();
    },
  };
}
