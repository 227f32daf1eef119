import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LedgerReader, MinuteLedger, periodBegin, type MinuteCounts } from '@glasshouse/canary';
import { catalogue, type Call } from '@glasshouse/coinglass-client';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import { createLogger } from '@glasshouse/service-kit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createCanaryClient } from '../arms/canary-client.ts';
import { canaryOptions } from '../arms/canary-options.ts';
import { readFetcherConfig } from '../config.ts';
import { openUpstream, type OpenUpstream } from './open-upstream.ts';

const list = catalogue['etf/bitcoin/list'];
const callOf = (arm: string): Call => ({
  endpoint: list,
  params: {},
  lane: 'interactive',
  arm,
  team: { id: 'alpha', weight: 1 },
  deadlineAt: Date.now() + 20_000,
  signal: new AbortController().signal,
});

/** A vendor that answers with this status, and what it was asked. */
class Vendor {
  readonly asked: string[] = [];
  readonly #server: Server;

  constructor(status: number) {
    this.#server = createServer(({ url }, response) => {
      this.asked.push(url ?? '');
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ code: status === 200 ? '0' : '500', data: list.sample.data }));
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((on) => this.#server.listen(0, '127.0.0.1', on));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

(redisIsHere ? describe : describe.skip)('the door to the vendor, with a canary', () => {
  let server: PrivateRedis;
  let baseline: Vendor;
  let canary: Vendor;
  let ledger: MinuteLedger;
  let reader: LedgerReader;
  let upstream: OpenUpstream;

  beforeEach(async () => {
    server = await PrivateRedis.started();
    baseline = new Vendor(200);
    canary = new Vendor(503);
    const config = readFetcherConfig({
      COINGLASS_API_KEY: 'a-key-of-nobody',
      COINGLASS_BASE_URL: await baseline.start(),
      GLASSHOUSE_FRESH_REDIS: 'true',
    });
    const redis = server.client({ maxRetriesPerRequest: 0, enableOfflineQueue: false });
    await once(redis, 'ready');
    reader = new LedgerReader({ redis });
    const client = createCanaryClient(
      canaryOptions.parse({
        baseUrl: await canary.start(),
        retry: { sendsMax: 2, firstBackOffMs: 1 },
        catalogue: { [list.id]: { path: 'etf/btc/list', constants: { v: '2' } } },
      }),
    );
    const { digest, options } = client;
    ledger = new MinuteLedger({
      redis,
      instance: 'test',
      periodMs: 60_000,
      canary: { digest, options },
    });
    upstream = openUpstream({
      config,
      redis,
      logger: createLogger({ service: 'test', level: 'silent', secrets: [] }),
      onSpent: () => undefined,
      canary: client,
      ledger,
    });
    await upstream.limiter.declareEpoch();
    await upstream.limiter.start();
  });
  afterEach(async () => {
    await upstream.close();
    baseline.stop();
    canary.stop();
    await server.stop();
  });

  it('sends each call by the client of its arm, and both on one limit', async () => {
    await upstream.pipeline(callOf('baseline'));
    await expect(upstream.pipeline(callOf('canary'))).rejects.toMatchObject({
      kind: 'upstream-unavailable',
      upstream: { path: '/api/etf/btc/list', params: { v: '2' } },
    });
    expect(baseline.asked).toEqual(['/api/etf/bitcoin/list']);
    expect(canary.asked).toEqual(['/api/etf/btc/list?v=2', '/api/etf/btc/list?v=2']);
    expect((await upstream.limiter.status()).inUse).toBe(3);
    const at = periodBegin(Date.now(), 60_000);
    await ledger.flush();
    // The test may run over the end of a minute.
    const minutes = await Promise.all([at - 60_000, at].map((each) => reader.minute(each)));
    const sum = (of: (minute: MinuteCounts) => number): number =>
      minutes.reduce((before, minute) => before + (minute ? of(minute) : 0), 0);
    expect(sum(({ requests }) => requests.baseline.sent)).toBe(1);
    expect(sum(({ requests }) => requests.canary.sent)).toBe(2);
    expect(sum(({ requests }) => requests.canary.permits)).toBe(2);
    expect(upstream.canary.source).toBe('custom');
  });
});
