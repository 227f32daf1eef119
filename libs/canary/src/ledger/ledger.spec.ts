import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import type { Redis } from 'ioredis';
import type { CanaryClient } from './fetcher-minute.ts';
import { LedgerReader } from './ledger-reader.ts';
import { MinuteLedger } from './minute-ledger.ts';
import { ledgerKeys } from './redis-keys.ts';

const until = async (holds: () => boolean): Promise<void> => {
  for (const endAt = Date.now() + 5_000; !holds();) {
    if (Date.now() > endAt) throw new Error('not within 5 s');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

const start = Date.UTC(2026, 10, 25, 12);
const minuteMs = 60_000;
const funding = 'futures.funding-rate.history';
const same = { digest: 'same', options: [] };

(redisIsHere ? describe : describe.skip)('the ledger of both arms', () => {
  let server: PrivateRedis;
  let redis: Redis;
  let reader: LedgerReader;
  let now: number;
  const ledgerOf = (instance: string, canary: CanaryClient = same) =>
    new MinuteLedger({ redis, instance, periodMs: minuteMs, canary, now: () => now });

  beforeAll(async () => {
    server = await PrivateRedis.started();
    redis = server.client({ maxRetriesPerRequest: 0, enableOfflineQueue: false });
    await once(redis, 'ready');
    reader = new LedgerReader({ redis });
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    await server.client().flushall();
    now = start;
  });

  it('has the calls, requests and figures of all fetchers together', async () => {
    const [one, other] = [ledgerOf('one'), ledgerOf('other')];
    for (const ledger of [one, other]) {
      ledger.count({ operation: funding, arm: 'baseline', outcome: 'ok' });
      ledger.permit('canary', now);
      ledger.sent('canary', now);
      await ledger.flush();
    }
    other.count({ operation: funding, arm: 'canary', outcome: 'auth', traceId: 'a1' });
    other.count({ operation: funding, arm: 'canary', outcome: 'auth', traceId: 'a2' });
    other.throttled('baseline', { operation: funding, traceId: 't1' });
    one.vendorSaid({ used: 17, limit: 300 });
    other.vendorSaid({ used: 12 });
    one.limitInForce(250);
    await Promise.all([one.flush(), other.flush()]);
    expect(await reader.minute(start)).toEqual({
      at: start,
      operations: {
        [funding]: {
          baseline: { ok: 2, auth: 0, params: 0, server: 0 },
          canary: { ok: 0, auth: 2, params: 0, server: 0 },
        },
      },
      requests: {
        baseline: { permits: 0, sent: 0, throttled: 1 },
        canary: { permits: 2, sent: 2, throttled: 0 },
      },
      vendor: { used: 17, limit: 300 },
      limitInForce: 250,
      traces: [
        { operation: funding, arm: 'canary', group: 'auth', traceId: 'a2' },
        { operation: funding, arm: 'baseline', group: 'throttled', traceId: 't1' },
      ],
    });
  });

  it('knows nothing of a minute that no fetcher told of, and says so', async () => {
    expect(await reader.minute(start)).toBeUndefined();
  });

  it('counts each thing in its period, and a sending in that of its permit', async () => {
    const ledger = ledgerOf('one');
    now = start + minuteMs - 1;
    const permittedAt = now;
    ledger.permit('canary', permittedAt);
    await ledger.flush();
    now += 500;
    ledger.sent('canary', permittedAt);
    ledger.count({ operation: funding, arm: 'canary', outcome: 'ok' });
    await ledger.flush();
    expect((await reader.minute(start))?.requests.canary).toMatchObject({ permits: 1, sent: 1 });
    const next = await reader.minute(start + minuteMs);
    expect(next?.requests.canary).toMatchObject({ permits: 0, sent: 0 });
    expect(next?.operations[funding]?.canary.ok).toBe(1);
  });

  it('takes a permit back that was given back', async () => {
    const ledger = ledgerOf('one');
    ledger.permit('canary', now);
    ledger.permit('canary', now);
    await ledger.flush();
    ledger.permitReturned('canary', now);
    await ledger.flush();
    expect((await reader.minute(start))?.requests.canary.permits).toBe(1);
  });

  it('shows more sendings than permits when that is what happened', async () => {
    const ledger = ledgerOf('one');
    ledger.permit('canary', now);
    ledger.sent('canary', now);
    ledger.sent('canary', now);
    await ledger.flush();
    expect((await reader.minute(start))?.requests.canary).toMatchObject({ permits: 1, sent: 2 });
  });

  it('loses nothing to a Redis that is away', async () => {
    const ledger = ledgerOf('one');
    ledger.permit('baseline', now);
    await server.kill();
    await until(() => redis.status !== 'ready');
    await ledger.flush();
    now += minuteMs;
    ledger.permit('baseline', now);
    await server.start();
    await until(() => redis.status === 'ready');
    await ledger.flush();
    expect((await reader.minute(start))?.requests.baseline.permits).toBe(1);
    expect((await reader.minute(start + minuteMs))?.requests.baseline.permits).toBe(1);
  });

  it.each([
    ['whose reply was lost', true],
    ['that did not arrive', false],
  ])('repeats a write %s, and counts nothing twice', async (_, arrives) => {
    let failures = 1;
    const multi = () => {
      const writing = redis.multi();
      const exec = writing.exec.bind(writing);
      writing.exec = async () => {
        if (failures === 0 || arrives) await exec();
        if (failures-- > 0) throw new Error('Connection is closed.');
        return [];
      };
      return writing;
    };
    const ledger = new MinuteLedger({
      redis: { status: 'ready', multi } as unknown as Redis,
      instance: 'one',
      periodMs: minuteMs,
      canary: same,
      now: () => now,
    });
    ledger.permit('canary', now);
    await ledger.flush();
    await ledger.flush();
    expect((await reader.minute(start))?.requests.canary.permits).toBe(1);
    expect(await reader.announcements(now)).toHaveLength(1);
  });

  it('keeps the newest periods for a Redis that is away, and no more than it may', async () => {
    const ledger = ledgerOf('one');
    for (let minute = 0; minute < 40; minute += 1) {
      now = start + minute * minuteMs;
      ledger.permit('baseline', now);
    }
    await ledger.flush();
    expect(await reader.minute(start + 9 * minuteMs)).toBeUndefined();
    expect((await reader.minute(start + 10 * minuteMs))?.requests.baseline.permits).toBe(1);
    expect((await reader.minute(now))?.requests.baseline.permits).toBe(1);
  });

  it('writes nothing while nothing happens, but that the fetcher is there', async () => {
    const ledger = ledgerOf('one');
    ledger.permit('baseline', now);
    await ledger.flush();
    await redis.flushall();
    await ledger.flush();
    expect(await redis.keys('*')).toEqual([]);
    now += 5_000;
    await ledger.flush();
    expect(await redis.keys('*')).toEqual([ledgerKeys.fetchers]);
  });

  it('goes away by itself', async () => {
    const ledger = ledgerOf('one');
    ledger.permit('baseline', now);
    await ledger.flush();
    expect(await redis.ttl(ledgerKeys.minute(start))).toBeGreaterThan(3 * 3_600);
    expect(await redis.ttl(ledgerKeys.fetchers)).toBeGreaterThan(0);
  });

  it('tells which canary each fetcher runs, as long as it runs', async () => {
    const other = { digest: 'd1', options: ['baseUrl', 'retry.sendsMax'] };
    await Promise.all([ledgerOf('one').flush(), ledgerOf('other', other).flush()]);
    expect(await reader.announcements(now)).toEqual([
      { instance: 'one', canary: same, at: start },
      { instance: 'other', canary: other, at: start },
    ]);
    now += 15_001;
    expect(await reader.announcements(now)).toEqual([]);
  });

  it('leaves out what it cannot read', async () => {
    const ledger = ledgerOf('one');
    ledger.permit('baseline', now);
    await ledger.flush();
    await redis.hset(ledgerKeys.minute(start), 'odd', '{"requests":1}', 'odder', '{');
    expect((await reader.minute(start))?.requests.baseline.permits).toBe(1);
  });
});
