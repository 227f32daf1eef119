import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface VendorServer {
  readonly url: string;
  /** When requests arrived, ms on this process's clock. */
  readonly arrivals: readonly number[];
  close(): Promise<void>;
}

export interface VendorServerOptions {
  /** Either way, at most. */
  readonly jitterMs: number;
  /** Share of the requests that are never answered, and how late they are counted at most. */
  readonly silent: number;
  readonly lateMaxMs: number;
  readonly random?: () => number;
}

const success = JSON.stringify({ code: '0', msg: 'success', data: [] });

/** A vendor on loopback who writes down each arrival and judges none: what he sees is the proof. */
export const startVendorServer = async (options: VendorServerOptions): Promise<VendorServer> => {
  const { jitterMs, silent, lateMaxMs, random = Math.random } = options;
  const arrivals: number[] = [];
  const server = createServer((_request, response) => {
    void (async () => {
      const answers = random() >= silent;
      await sleep(random() * (answers ? jitterMs : lateMaxMs));
      arrivals.push(performance.now());
      if (!answers) return;
      await sleep(random() * jitterMs);
      response.setHeader('content-type', 'application/json');
      response.end(success);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrivals,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
