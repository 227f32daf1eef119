import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import { House } from './house.ts';
import { until } from './processes.ts';
import { addRaw, pythonIsHere, type RawOrder } from './raw-producer.ts';

const job = { v: 1, endpoint: 'futures/funding-rate/history' };
const instrument = { exchange: 'OKX', coin: 'SOL' };
const good = JSON.stringify({ ...job, instrument, interval: '4h' });

(pythonIsHere ? describe : describe.skip)('a producer without a library', () => {
  let house: House;
  let redis: Redis;
  beforeAll(async () => {
    house = await House.start();
    redis = house.redis.client();
  });
  afterAll(() => house.stop());

  const key = (id: string): string => `{coinglass}:coinglass-fetch:${id}`;
  /** What anyone sees who can read Redis: the job's own hash, once it has ended. */
  const ended = async (id: string): Promise<Record<string, string>> => {
    await until(
      `${id} has ended`,
      async () => (await redis.hexists(key(id), 'finishedOn')) === 1,
      45_000,
    );
    return redis.hgetall(key(id));
  };

  it('adds a job, finds the result in it, and reads the answer over HTTP', async () => {
    expect(await addRaw(house.redis.port, [{ id: 'py-1', data: good }])).toEqual([{ id: 'py-1' }]);
    const { returnvalue = '{}' } = await ended('py-1');
    const result = JSON.parse(returnvalue) as { url: string; servedInterval: string };
    expect(result).toMatchObject({ servedInterval: '4h', source: 'sandbox' });
    const { status, json } = await house.get(result.url);
    expect(status).toBe(200);
    expect(json.data.length).toBeGreaterThan(0);
    expect(json.meta.served.symbol).toBe('SOL-USDT-SWAP');
  });

  const hostile: readonly (RawOrder & { readonly reason: RegExp; readonly what: string })[] = [
    {
      what: '10 MB',
      id: 'h-large',
      data: JSON.stringify({ ...job, x: 'x'.repeat(1e7) }),
      reason: /bytes; at most/,
    },
    { what: 'another schema', id: 'h-schema', data: '{"coin":"SOL"}', reason: /v: .*endpoint: / },
    { what: 'no JSON', id: 'h-text', data: 'DROP TABLE', reason: /not JSON/ },
    { what: 'JSON that is no object', id: 'h-number', data: '7', reason: /data: / },
    { what: 'nothing', id: 'h-empty', data: '', reason: /v: / },
    {
      what: 'a prototype',
      id: 'h-proto',
      data: `{"v":1,"endpoint":"x","params":{"__proto__":{"polluted":1}}}`,
      reason: /__proto__/,
    },
    {
      what: 'a lane that is not its own',
      id: 'h-lane',
      data: JSON.stringify({ ...job, lane: 'interactive' }),
      reason: /lane/,
    },
    { what: 'an id with line breaks', id: 'h\r\n*1\r\n$8\r\nFLUSHALL', data: '{}', reason: /v: / },
    { what: 'an id that is another key of the queue', id: 'meta:x', data: '{}', reason: /v: / },
    {
      what: 'a billion attempts at once',
      id: 'h-attempts',
      data: '{}',
      opts: { attempts: 1e9, backoff: 0, stackTraceLimit: 1e6, removeOnFail: true },
      reason: /v: /,
    },
    {
      what: 'options that are not of their kind',
      id: 'h-opts',
      data: '{}',
      opts: { attempts: 'many', lifo: {}, removeOnComplete: 'never', priority: 0 },
      reason: /v: /,
    },
  ];
  it.each(hostile)(
    'that sends $what gets an invalid-job with the reason, for nothing',
    async ({ what: _, reason, ...order }) => {
      await house.forgetArrivals();
      expect(await addRaw(house.redis.port, [order])).toEqual([{ id: order.id }]);
      const { failedReason, atm } = await ended(order.id);
      expect(failedReason).toMatch(/^invalid-job: /);
      expect(failedReason).toMatch(reason);
      expect(atm).toBe('1');
      expect((await house.arrivals()).total).toBe(0);
      expect(await redis.zscore(key('failed'), order.id)).not.toBeNull();
      expect(({} as { polluted?: number }).polluted).toBeUndefined();
    },
  );

  it('that names another team, or wishes for attempts, is served like everybody, on its own terms for nobody', async () => {
    const data = JSON.stringify({ ...job, instrument, interval: '4h', team: 'somebody-else' });
    await addRaw(house.redis.port, [{ id: 'py-team', data, opts: { attempts: 1e9, priority: 1 } }]);
    expect((await ended('py-team')).returnvalue).toBeDefined();
  });

  it('has left the worker alive', async () => {
    await addRaw(house.redis.port, [{ id: 'py-last', data: good }]);
    expect((await ended('py-last')).returnvalue).toContain('/v1/answers/');
    expect(house.fetchers[0]?.child.exitCode).toBeNull();
  });
});
