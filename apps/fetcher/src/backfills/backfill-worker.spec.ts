import {
  Failure,
  pageAt,
  planPages,
  Postponed,
  type Call,
  type Endpoint,
} from '@glasshouse/coinglass-client';
import {
  AnswerStore,
  BackfillStore,
  isOver,
  newBackfillId,
  RedisRefusalMemory,
  type Backfill,
  type BackfillOrder,
} from '@glasshouse/fetch-queue';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import { createLogger } from '@glasshouse/service-kit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createCanaryClient } from '../arms/canary-client.ts';
import { FetchDesk } from '../fetch/fetch-desk.ts';
import { pageOf, samplePage, ScriptedVendor } from '../testing/scripted-vendor.ts';
import type { BackfillWorker } from './backfill-worker.ts';
import { openBackfills, type BackfillParts } from './open-backfills.ts';

const hour = 3_600_000;
const now = Date.UTC(2026, 10, 25, 12);
const upstream = {
  origin: 'https://vendor.example',
  plan: 'enterprise',
  source: 'coinglass',
  sandboxAllowed: true,
} as const;

const candles = (endpoint: Endpoint, { start_time, end_time, limit }: Call['params']) => {
  if (endpoint.id === 'futures/supported-exchange-pairs') return samplePage(endpoint);
  const from = Number(start_time ?? now - hour);
  const count = Math.min(Number(limit), (Number(end_time ?? now) - from) / hour);
  const rows = Array.from({ length: count }, (_, n) => {
    const figure = String(n / 8);
    return { time: from + n * hour, open: figure, high: figure, low: figure, close: figure };
  });
  return pageOf(endpoint, rows);
};

(redisIsHere ? describe : describe.skip)('the backfill worker', () => {
  let server: PrivateRedis;
  let redis: ReturnType<PrivateRedis['client']>;
  let vendor: ScriptedVendor;
  let store: BackfillStore;
  let forbidden: Failure | undefined;
  let standing: 'baseline' | 'canary';
  const workers: BackfillWorker[] = [];

  beforeAll(async () => {
    server = await PrivateRedis.started();
    redis = server.client();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    await redis.flushall();
    vendor = new ScriptedVendor();
    vendor.answer = ({ endpoint, params }) => candles(endpoint, params);
    store = new BackfillStore({ redis });
    forbidden = undefined;
    standing = 'baseline';
  });
  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.stop(0)));
  });

  const begin = (more: Partial<BackfillParts> = {}): BackfillWorker => {
    const parts = {
      upstream,
      pipeline: vendor.pipeline,
      forbidden: () => Promise.resolve(forbidden),
      standing: () => Promise.resolve(standing),
    };
    const worker = openBackfills({
      ...parts,
      redis,
      desk: new FetchDesk({
        ...parts,
        store: new AnswerStore({ redis }),
        refusals: new RedisRefusalMemory(redis, 'test'),
        onNotStored: (_facts, why) => {
          throw why;
        },
      }),
      logger: createLogger({ service: 'test', level: 'silent', secrets: [] }),
      random: () => 0,
      ...more,
    });
    workers.push(worker);
    worker.start();
    return worker;
  };
  const order = async (pages: number, team = 'alpha'): Promise<BackfillOrder> => {
    const from = now - pages * 1_000 * hour;
    const created: BackfillOrder = {
      id: newBackfillId(),
      team: { id: team, weight: 2 },
      endpoint: 'futures/funding-rate/history',
      asked: { what: 'funding' },
      params: { exchange: 'OKX', symbol: 'SOL-USDT-SWAP' },
      plan: planPages({ interval: '1h', from, to: now, plan: 'enterprise', now }),
      createdAt: now,
    };
    await store.create(created, { digest: 'd', upstream });
    return created;
  };
  const reached = async (
    { id }: BackfillOrder,
    is: (backfill: Backfill) => boolean = ({ state }) => isOver(state),
  ): Promise<Backfill> => {
    const until = Date.now() + 15_000;
    for (;;) {
      const backfill = await store.find(id);
      if (backfill && is(backfill)) return backfill;
      if (Date.now() > until) throw new Error(`still ${JSON.stringify(backfill)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const isPage =
    ({ plan }: BackfillOrder, index: number) =>
    (call: Call) =>
      call.params['start_time'] === String(pageAt(plan, index).from);

  it('asks each page once, on the bulk lane, on its team’s account', async () => {
    const backfill = await order(6);
    begin();
    expect(await reached(backfill)).toMatchObject({
      state: 'completed',
      done: 6,
      rows: 6_000,
      permits: 6,
    });
    expect(new Set(vendor.calls.map(({ params }) => params['start_time'])).size).toBe(6);
    expect(vendor.calls).toHaveLength(6);
    for (const { lane, team, params } of vendor.calls) {
      expect({ lane, team }).toEqual({ lane: 'bulk', team: { id: 'alpha', weight: 2 } });
      expect(params).toMatchObject({
        exchange: 'OKX',
        symbol: 'SOL-USDT-SWAP',
        interval: '1h',
        limit: '1000',
      });
    }
    expect((await store.pages(backfill.id)).get(3)).toMatchObject({
      source: 'coinglass',
      rows: 1_000,
      firstAt: pageAt(backfill.plan, 3).from,
      permits: 1,
    });
    expect((await store.lines(backfill.id, 3))?.split('\n')).toHaveLength(1_001);
    // The answer store is the readers'.
    expect(await redis.keys('{coinglass}:answer*')).toEqual([]);
  });

  it('is fetched by the arm that is settled, since it is kept for everybody', async () => {
    standing = 'canary';
    const canary = createCanaryClient({ baseUrl: 'https://canary.example' });
    begin({ upstream: { ...upstream, canary: { ...canary, source: 'custom' } } });
    const first = await order(2);
    await reached(first);
    expect((await store.pages(first.id)).get(1)).toMatchObject({ source: 'custom' });
    expect(vendor.calls.map(({ arm }) => arm)).toEqual(['canary', 'canary']);
    standing = 'baseline';
    await reached(await order(3));
    expect(vendor.calls.slice(2).map(({ arm }) => arm)).toEqual(Array(3).fill('baseline'));
  });

  it('goes on without a page that is refused for good, and says why', async () => {
    const backfill = await order(4);
    const isThird = isPage(backfill, 2);
    vendor.answer = (call) =>
      isThird(call)
        ? new Failure('upstream-rejected', 'not acceptable')
        : candles(call.endpoint, call.params);
    begin();
    expect(await reached(backfill)).toMatchObject({
      state: 'completed-with-gaps',
      done: 3,
      lost: 1,
    });
    expect((await store.pages(backfill.id)).get(2)).toMatchObject({
      state: 'lost',
      failure: { kind: 'upstream-rejected' },
    });
  });

  it.each(['upstream-credentials', 'plan-not-entitled', 'unknown-instrument'] as const)(
    'stops at the first %s, for one request',
    async (kind) => {
      const backfill = await order(9);
      vendor.answer = () => new Failure(kind, 'no');
      begin();
      expect(await reached(backfill)).toMatchObject({ state: 'failed', failure: { kind } });
      expect(vendor.calls).toHaveLength(1);
    },
  );

  it('says which interval works when its own is refused', async () => {
    const backfill = await order(9);
    vendor.answer = ({ endpoint, params }) =>
      params['interval'] === '1h'
        ? new Failure('interval-not-available', 'no', { upstream: { code: '403', status: 200 } })
        : candles(endpoint, params);
    begin();
    const { failure } = await reached(backfill, ({ state }) => state === 'failed');
    expect(failure).toMatchObject({
      kind: 'interval-not-available',
      detail: expect.stringContaining('order the backfill with interval 4h'),
      errors: [{ field: 'interval', suggestions: ['4h'] }],
    });
    expect(vendor.asked).toEqual(['1h', '1h', '4h']);
  });

  it('loses only the page when the interval is served elsewhere', async () => {
    const backfill = await order(3);
    const isFirst = isPage(backfill, 0);
    vendor.answer = (call) =>
      isFirst(call)
        ? new Failure('interval-not-available', 'no', { upstream: { status: 422 } })
        : candles(call.endpoint, call.params);
    begin();
    expect(await reached(backfill)).toMatchObject({
      state: 'completed-with-gaps',
      done: 2,
      lost: 1,
    });
  });

  it('gives up after three lost pages when nothing was ever answered', async () => {
    const backfill = await order(50);
    vendor.answer = () => new Failure('upstream-rejected', 'no');
    begin();
    expect(await reached(backfill)).toMatchObject({ state: 'failed', lost: 3 });
    expect(vendor.calls).toHaveLength(3);
  });

  it('waits, and says for what, when it may not send; then goes on', async () => {
    const backfill = await order(2);
    let refusals = 2;
    vendor.answer = ({ endpoint, params }) => {
      refusals -= 1;
      return refusals >= 0 ? new Postponed(300, 'limit') : candles(endpoint, params);
    };
    begin();
    const { waiting } = await reached(backfill, (each) => each.waiting !== undefined);
    expect(waiting).toMatchObject({ because: 'limit' });
    expect(await reached(backfill)).toMatchObject({ state: 'completed', done: 2 });
  });

  it('keeps what it fetched until a full Redis takes it', async () => {
    const backfill = await order(1);
    vendor.answer = async ({ endpoint, params }) => {
      await redis.config('SET', 'maxmemory', '1mb');
      setTimeout(() => void redis.config('SET', 'maxmemory', '0'), 200);
      return candles(endpoint, params);
    };
    begin({ storeAgainMs: 50 });
    expect(await reached(backfill)).toMatchObject({ state: 'completed', permits: 1 });
    expect(vendor.calls).toHaveLength(1);
  });

  it('sends nothing while a kill switch forbids it', async () => {
    forbidden = new Failure('egress-disabled', 'off');
    const backfill = await order(1);
    begin();
    await reached(backfill, ({ waiting }) => waiting?.because === 'egress-disabled');
    expect(vendor.calls).toHaveLength(0);
  });

  it('gives its pages back when it stops, and the next worker goes on at once', async () => {
    const backfill = await order(4);
    const hang = (call: Call): Promise<never> =>
      new Promise((_resolve, reject) =>
        call.signal.addEventListener('abort', () => reject(call.signal.reason as Error)),
      );
    const isFirst = isPage(backfill, 0);
    vendor.answer = (call) => (isFirst(call) ? candles(call.endpoint, call.params) : hang(call));
    const first = begin();
    await reached(backfill, ({ done }) => done === 1);
    while (vendor.calls.length < 4) await new Promise((resolve) => setTimeout(resolve, 5));
    await first.stop(0);
    vendor.answer = ({ endpoint, params }) => candles(endpoint, params);
    begin();
    expect(await reached(backfill)).toMatchObject({ state: 'completed', done: 4 });
    expect(vendor.calls.filter(isFirst)).toHaveLength(1);
    expect(vendor.calls).toHaveLength(7);
  });

  it('lets go of a backfill that is cancelled while its pages are under way', async () => {
    const backfill = await order(3);
    let aborted = false;
    vendor.answer = (call) =>
      new Promise((_resolve, reject) =>
        call.signal.addEventListener('abort', () => {
          aborted = true;
          reject(call.signal.reason as Error);
        }),
      );
    begin({ leaseMs: 300 });
    await reached(backfill, ({ state }) => state === 'running');
    expect(await store.end(backfill.id, 'cancelled')).toBe('ended');
    while (!aborted) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await store.find(backfill.id)).toMatchObject({ state: 'cancelled', done: 0 });
  });

  it('refuses invented figures in production', async () => {
    const backfill = await order(5);
    vendor.answer = ({ endpoint, params }) => ({ ...candles(endpoint, params), sandbox: true });
    begin({ upstream: { ...upstream, sandboxAllowed: false } });
    expect(await reached(backfill)).toMatchObject({ state: 'failed', rows: 0 });
  });
});
