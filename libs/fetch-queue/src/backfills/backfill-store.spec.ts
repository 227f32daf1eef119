import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { planPages } from '@glasshouse/coinglass-client';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import type { Redis } from 'ioredis';
import { newBackfillId } from './backfill-keys.ts';
import { BackfillStore } from './backfill-store.ts';
import type { BackfillOrder, LostPage, StoredPage } from './backfill.ts';
import { PageLeases, type PageLease } from './page-leases.ts';

const upstream = { origin: 'https://vendor.example', plan: 'enterprise' };
const hour = 3_600_000;
const now = Date.UTC(2026, 10, 25, 12);

const orderOf = (pages: number, team = 'alpha', weight = 1): BackfillOrder => ({
  id: newBackfillId(),
  team: { id: team, weight },
  endpoint: 'futures/funding-rate/history',
  asked: { what: 'funding' },
  params: { exchange: 'OKX', symbol: 'SOL-USDT-SWAP' },
  plan: planPages({
    interval: '1h',
    from: now - pages * 1_000 * hour,
    to: now,
    plan: 'enterprise',
    now,
  }),
  createdAt: now,
});
const facts = (more: Partial<StoredPage> = {}): StoredPage => ({
  state: 'done',
  rows: 1_000,
  fetchedAt: now,
  source: 'sandbox',
  permits: 1,
  missing: [],
  repeated: 0,
  conflicting: 0,
  strayed: 0,
  newFields: [],
  ...more,
});
const lost: LostPage = {
  state: 'lost',
  failure: { kind: 'upstream-rejected', detail: 'no' },
  permits: 1,
  fetchedAt: now,
};
const againLater = {
  waitMs: 60_000,
  permits: 2,
  because: 'limit',
  noTry: false,
  vendorAway: false,
} as const;

(redisIsHere ? describe : describe.skip)('backfills in Redis', () => {
  let server: PrivateRedis;
  let redis: Redis;
  let store: BackfillStore;
  let leases: PageLeases;

  beforeAll(async () => {
    server = await PrivateRedis.started();
    redis = server.client();
    store = new BackfillStore({ redis });
    leases = new PageLeases({ redis, upstream, leaseMs: 60_000 });
  });
  afterAll(() => server.stop());
  beforeEach(() => redis.flushall());

  const created = async (pages: number, team?: string, weight?: number): Promise<BackfillOrder> => {
    const order = orderOf(pages, team, weight);
    expect(await store.create(order, { digest: 'd', upstream })).toBe('created');
    return order;
  };
  const claim = async (from = leases): Promise<PageLease> => {
    const lease = await from.claim('t');
    if (!lease) throw new Error('no page is due');
    return lease;
  };
  const stored = async (count: number): Promise<PageLease[]> => {
    const done: PageLease[] = [];
    for (let n = 0; n < count; n += 1) {
      const lease = await claim();
      await leases.store(lease, facts(), `page ${lease.page}\n`);
      done.push(lease);
    }
    return done;
  };

  it('goes page by page from the oldest to the end, and keeps what each one brought', async () => {
    const order = await created(3);
    expect(await store.find(order.id)).toMatchObject({ state: 'queued', order, done: 0 });
    expect((await stored(2)).map(({ page }) => page)).toEqual([0, 1]);
    expect(await store.find(order.id)).toMatchObject({ state: 'running', done: 2, rows: 2_000 });
    expect(await store.lines(order.id, 1)).toBe('page 1\n');
    expect(await store.lines(order.id, 2)).toBeUndefined();
    await stored(1);
    expect(await store.find(order.id)).toMatchObject({
      state: 'completed',
      done: 3,
      permits: 3,
      endedAt: expect.any(Number),
    });
    expect(await leases.claim('t')).toBeUndefined();
    expect([...(await store.pages(order.id)).keys()]).toEqual([0, 1, 2]);
    expect((await store.list('alpha', 10)).map(({ order: { id } }) => id)).toEqual([order.id]);
  });

  it('sends one page ahead until the first is stored, so that a refusal is paid for once', async () => {
    await created(5);
    const scout = await claim();
    expect(await leases.claim('u')).toBeUndefined();
    await leases.postpone(scout, { ...againLater, waitMs: 0 });
    const again = await claim();
    expect(again).toMatchObject({ page: 0, tries: 2 });
    await leases.store(again, facts(), '');
    expect([(await claim()).page, (await claim()).page]).toEqual([1, 2]);
  });

  it('sends one page at a time while the vendor does not answer, another one each time', async () => {
    const order = await created(6);
    await stored(1);
    const [first, second] = [await claim(), await claim()];
    const away = { ...againLater, waitMs: 0, vendorAway: true };
    await leases.postpone(first, away);
    await leases.postpone(second, away);
    expect(await leases.claim('t')).toBeUndefined();
    const over = () => redis.hset(`{coinglass}:backfill:${order.id}`, 'scoutUntil', 0);
    await over();
    const lease = await claim();
    expect(lease).toMatchObject({ page: 3, scout: false });
    expect(await leases.claim('t')).toBeUndefined();
    await leases.store(lease, facts(), '');
    expect([(await claim()).page, (await claim()).page, (await claim()).page]).toEqual([1, 2, 4]);
  });

  it('gives the page of a process that died to the next, and stores it once', async () => {
    const order = await created(2);
    const brief = new PageLeases({ redis, upstream, leaseMs: 1 });
    const lease = await claim(brief);
    let other: PageLease | undefined;
    while (!other) other = await leases.claim('other');
    expect(other).toMatchObject({ page: 0, tries: 2 });
    expect(await brief.renew(lease)).toBe(false);
    expect(await leases.renew(other)).toBe(true);
    // Frozen, not dead: what it brings is paid for, and as good.
    expect(await brief.store(lease, facts(), 'first\n')).toBe('stored');
    expect(await leases.store(other, facts(), 'second\n')).toBe('known');
    expect(await store.lines(order.id, 0)).toBe('first\n');
    expect(await store.find(order.id)).toMatchObject({ done: 1, permits: 1 });
  });

  it('never leases a stored page again, however often it is reopened', async () => {
    const order = await created(3);
    await stored(1);
    const lease = await claim();
    await leases.lose(lease, lost);
    await stored(1);
    expect(await store.find(order.id)).toMatchObject({ state: 'completed-with-gaps', lost: 1 });
    expect(await store.reopen(order.id)).toBe('reopened');
    expect((await claim()).page).toBe(1);
    expect(await leases.claim('t')).toBeUndefined();
    expect(await store.reopen(order.id)).toBe('running');
  });

  it('calls missing candles a gap at the end', async () => {
    const order = await created(1);
    const missing = [{ from: order.plan.from, to: order.plan.from + 3 * hour }];
    await leases.store(await claim(), facts({ missing, rows: 997 }), '');
    expect(await store.find(order.id)).toMatchObject({ state: 'completed-with-gaps', lost: 0 });
    expect(await store.reopen(order.id)).toBe('complete');
  });

  it('waits as told, says why, and counts the try unless it was none', async () => {
    const order = await created(2);
    await leases.postpone(await claim(), { ...againLater, waitMs: 0, noTry: true });
    const lease = await claim();
    expect(lease.tries).toBe(1);
    await leases.postpone(lease, againLater);
    expect(await leases.claim('t')).toBeUndefined();
    expect(await store.find(order.id)).toMatchObject({
      permits: 4,
      waiting: { because: 'limit', until: expect.any(Number) },
    });
  });

  it('ends once, and takes nothing after its end', async () => {
    const order = await created(2);
    const lease = await claim();
    const failure = { kind: 'upstream-credentials', detail: 'refused' } as const;
    expect(await store.end(order.id, 'failed', { failure, permits: 1 })).toBe('ended');
    expect(await store.end(order.id, 'cancelled')).toBe('over');
    expect(await leases.renew(lease)).toBe(false);
    expect(await leases.store(lease, facts(), '')).toBe('over');
    expect(await leases.lose(lease, lost)).toBe('over');
    expect(await store.find(order.id)).toMatchObject({ state: 'failed', failure, done: 0 });
    expect(await store.reopen(order.id)).toBe('reopened');
    expect((await claim()).page).toBe(0);
    expect(await store.end('b0', 'cancelled')).toBe('unknown');
    expect(await store.reopen('b0')).toBe('unknown');
    expect(await redis.keys('*backfill:b0*')).toEqual([]);
  });

  it('takes teams in turn by their weights, and a newcomer at once', async () => {
    const count: Record<string, number> = {};
    const claims = async (n: number): Promise<void> => {
      for (let at = 0; at < n; at += 1) {
        const { order } = (await stored(1))[0] as PageLease;
        count[order.team.id] = (count[order.team.id] ?? 0) + 1;
      }
    };
    for (let n = 0; n < 5; n += 1) await created(20, 'many');
    await claims(20);
    await created(50, 'heavy', 3);
    await created(50, 'light', 1);
    delete count['many'];
    await claims(50);
    expect(count['heavy']).toBeGreaterThanOrEqual(28);
    expect(count['heavy']).toBeLessThanOrEqual(32);
    expect(Math.abs((count['many'] ?? 0) - (count['light'] ?? 0))).toBeLessThanOrEqual(2);
  });

  it('is gone on with by its own upstream only', async () => {
    await created(1);
    const other = new PageLeases({
      redis,
      upstream: { ...upstream, origin: 'http://x' },
      leaseMs: 1,
    });
    expect(await other.claim('t')).toBeUndefined();
    expect((await claim()).page).toBe(0);
  });

  it('knows an order that comes twice, and one that only looks like it', async () => {
    const order = await created(1);
    expect(await store.create(order, { digest: 'd', upstream })).toBe('known');
    expect(await store.create(order, { digest: 'e', upstream })).toBe('conflict');
    const named = { teamId: 'alpha', key: 'k' };
    expect(newBackfillId(named)).toBe(newBackfillId(named));
    expect(newBackfillId(named)).not.toBe(newBackfillId({ ...named, teamId: 'beta' }));
  });

  it('keeps within its bytes and a team within its number, and forgets what has expired', async () => {
    const small = new BackfillStore({ redis, bytesMax: 200_000, activeMax: 3 });
    const create = (pages: number) => small.create(orderOf(pages), { digest: 'd', upstream });
    expect(await create(4)).toBe('full');
    expect([await create(1), await create(1), await create(1)]).toEqual(Array(3).fill('created'));
    expect(await create(1)).toBe('too-many');
    const [id = ''] = await redis.zrange('{coinglass}:backfills:expiries', 0, '0');
    await redis.zadd('{coinglass}:backfills:expiries', 1, id);
    expect(await create(1)).toBe('created');
  });

  it('expires a week after the last thing that happened', async () => {
    await created(2);
    await stored(1);
    const keys = await redis.keys('{coinglass}:backfill:*');
    expect(keys.length).toBeGreaterThanOrEqual(4);
    for (const key of keys) expect(await redis.pttl(key)).toBeGreaterThan(6.9 * 24 * hour);
  });
});
