import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import type { Redis } from 'ioredis';
import { defaultPlan } from '../verdict/plan.ts';
import { Leadership } from './leadership.ts';
import { runKeys } from './redis-keys.ts';
import { RunStore } from './run-store.ts';
import type { CanaryRun, Tick } from './run.ts';
import { startRun } from './start.ts';

const facts = {
  flags: {
    version: 0,
    document: { flags: { 'coinglass.arm': { variants: { b: 'baseline' }, defaultVariant: 'b' } } },
  },
  arms: { fetchers: 1, options: ['retry'], digests: ['a'] },
};
const order = { by: 'alice', reason: 'x', at: 1_000 };
const newRun = (current?: CanaryRun, at = 1_000): { run: CanaryRun; tick: Tick } =>
  startRun(current, defaultPlan('two-arm'), facts, { ...order, at });

(redisIsHere ? describe : describe.skip)('who leads', () => {
  let server: PrivateRedis;
  let redis: Redis;
  let monotonic = 0;

  beforeAll(async () => {
    server = await PrivateRedis.started();
    redis = server.client();
  });
  afterAll(() => server.stop());
  beforeEach(() => redis.flushall());

  const leadership = (name: string, leaseMs = 10_000) =>
    new Leadership({ redis, name, leaseMs, monotonicNow: () => monotonic });

  it('is one, who stays it by asking again, and has a larger token than whoever led before', async () => {
    const [one, two] = [leadership('one'), leadership('two')];
    const first = await one.hold();
    expect([first?.token, await two.hold()]).toEqual([1, undefined]);
    expect((await one.hold())?.token).toBe(1);
    await redis.del(runKeys.leader);
    expect((await two.hold())?.token).toBe(2);
    expect(await one.hold()).toBeUndefined();
  });

  it('leads no longer than its lease, and knows it before Redis does', async () => {
    const lease = await leadership('one', 1_000).hold();
    expect(await redis.pttl(runKeys.leader)).toBeLessThanOrEqual(1_000);
    monotonic += 799;
    expect(lease?.isValid()).toBe(true);
    monotonic += 1;
    expect(lease?.isValid()).toBe(false);
  });

  it('gives back its own lead only', async () => {
    const one = leadership('one');
    const lease = await one.hold();
    await redis.del(runKeys.leader);
    const next = await leadership('two').hold();
    if (lease) await one.resign(lease);
    expect(await redis.get(runKeys.leader)).toBe(next?.text);
    if (next) await one.resign(next);
    expect(await redis.exists(runKeys.leader)).toBe(0);
  });

  it('may write the record, and whoever led before may not, whatever it believes', async () => {
    const store = new RunStore({ redis });
    const stale = await leadership('one').hold();
    await redis.del(runKeys.leader);
    const lease = await leadership('two').hold();
    const { run, tick } = newRun();
    expect(await store.change(0, run, [tick], stale)).toEqual({ state: 'fenced', version: 0 });
    expect(await store.read()).toEqual({ version: 0 });
    expect(await store.change(0, run, [tick], lease)).toEqual({ state: 'changed', version: 1 });
  });

  it('is told of a change in between, and of ticks there are only those of changes that were made', async () => {
    const store = new RunStore({ redis });
    const { run, tick } = newRun();
    await store.change(0, run, [tick]);
    const again = await Promise.all(
      Array.from({ length: 10 }, () => store.change(1, { ...run, share: 2 }, [tick])),
    );
    expect(again.map(({ state }) => state).sort()).toEqual([
      'changed',
      ...Array.from({ length: 9 }, () => 'conflict'),
    ]);
    expect(await store.ticks(run.id)).toEqual([tick, tick]);
  });

  it('leaves a bounded history that expires', async () => {
    const store = new RunStore({ redis });
    let current: CanaryRun | undefined;
    for (let at = 0; at < 30; at += 1) {
      const { run, tick } = newRun(current, at);
      await store.change(at, run, [tick]);
      current = { ...run, status: 'finished' };
    }
    const ids = await store.ids();
    expect([ids.length, ids[0]]).toEqual([20, current?.id]);
    expect((await store.find(ids[19] ?? ''))?.startedAt).toBe(10);
    // A record and a stream for each, and the list, the record in force.
    expect(await redis.dbsize()).toBe(2 * 20 + 2);
    for (const key of [runKeys.run(ids[0] ?? ''), runKeys.ticks(ids[0] ?? '')])
      expect(await redis.pttl(key)).toBeGreaterThan(29 * 24 * 3_600_000);
  });
});
