import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Queue, QueueEvents } from 'bullmq';
import { House } from './house.ts';

/** A producer that knows BullMQ and the queue's page, and none of our code. */
describe('a producer on the shared queue', () => {
  let house: House;
  let queue: Queue;
  let events: QueueEvents;
  beforeAll(async () => {
    house = await House.start();
    const connection = { host: '127.0.0.1', port: house.redis.port };
    queue = new Queue('coinglass-fetch', { connection, prefix: '{coinglass}' });
    events = new QueueEvents('coinglass-fetch', { connection, prefix: '{coinglass}' });
    await events.waitUntilReady();
  });
  afterAll(async () => {
    await queue.close();
    await events.close();
    await house.stop();
  });

  const done = async (data: unknown, options = {}): Promise<Record<string, unknown>> => {
    const job = await queue.add('anything', data, options);
    return (await job.waitUntilFinished(events, 20_000)) as Record<string, unknown>;
  };

  it('gets an answer for native params, and reads it by its key', async () => {
    const params = { exchange: 'OKX', symbol: 'SOL-USDT-SWAP', interval: '4h', limit: 3 };
    const result = await done({ v: 1, endpoint: 'futures/funding-rate/history', params });
    expect(result).toMatchObject({ source: 'sandbox', servedInterval: '4h', permits: 1 });
    expect(JSON.stringify(result).length).toBeLessThan(1_000);
    const answer = await house.get(String(result['url']));
    expect(answer.status).toBe(200);
    expect(answer.json.data).toHaveLength(3);
    expect(typeof answer.json.data[0].close).toBe('number');
    const vendor = await house.get(`${String(result['url'])}?face=vendor`);
    expect(typeof vendor.json.data[0].close).toBe('string');
  });

  it('may name an instrument, and shares the answer with the readers of the gateway', async () => {
    const result = await done({
      v: 1,
      endpoint: 'futures/open-interest/history',
      instrument: { exchange: 'okx', coin: 'sol' },
      interval: '4h',
    });
    await house.forgetArrivals();
    const { json, headers } = await house.get('/advanced/oi/history/SOL?interval=4h');
    expect(headers['x-cache']).toBe('hit');
    expect(json.meta.served.symbol).toBe('SOL-USDT-SWAP');
    expect(result['servedInterval']).toBe('4h');
    expect((await house.arrivals()).total).toBe(0);
  });

  it.each([
    ['another version', { v: 2, endpoint: 'etf/bitcoin/list' }, 'invalid-job'],
    [
      'an unknown member',
      { v: 1, endpoint: 'etf/bitcoin/list', lane: 'interactive' },
      'invalid-job',
    ],
    ['no object at all', 'hello', 'invalid-job'],
    ['an unknown endpoint', { v: 1, endpoint: 'etf/bitcoin/lists' }, 'unknown-endpoint'],
    [
      'a bad parameter',
      { v: 1, endpoint: 'etf/bitcoin/list', params: { x: 1 } },
      'invalid-request',
    ],
    [
      'a plan it does not have',
      { v: 1, endpoint: 'futures/liquidation/heatmap/model1' },
      'plan-not-entitled',
    ],
    [
      'a deadline that has passed',
      { v: 1, endpoint: 'etf/bitcoin/list', deadlineAt: 1 },
      'deadline-passed',
    ],
  ])('with %s ends at once, by name and for nothing', async (_what, data, kind) => {
    await house.forgetArrivals();
    await expect(done(data, { attempts: 1e9, backoff: 0 })).rejects.toThrow(
      new RegExp(`^${kind}: `),
    );
    expect((await house.arrivals()).total).toBe(0);
  });

  it('finds the schema of its jobs at the gateway', async () => {
    const { status, headers, json } = await house.get('/schemas/fetch-job.json');
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/^application\/schema\+json/);
    expect(json).toMatchObject({ required: ['v', 'endpoint'], additionalProperties: false });
  });

  it('knows an answer from none', async () => {
    const { status, json } = await house.get(`/v1/answers/v1.${'x'.repeat(22)}`);
    expect({ status, kind: json.kind }).toEqual({ status: 404, kind: 'job-unknown' });
    expect((await house.get('/v1/answers/..%2f..%2fetc')).status).toBe(404);
  });
});
