import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import type { Redis } from 'ioredis';
import { redisKeys } from '../keys.ts';
import { AskLane, fetcherGroup } from './ask-lane.ts';
import { TakenAsks } from './taken-asks.ts';

const job = { v: 1, endpoint: 'etf/bitcoin/list' } as const;
const leaseMs = 60;

(redisIsHere ? describe : describe.skip)('the interactive lane', () => {
  let server: PrivateRedis;
  let redis: Redis;
  let lane: AskLane;
  let one: TakenAsks;
  let other: TakenAsks;
  let now: number;

  beforeAll(async () => {
    server = await PrivateRedis.started();
    redis = server.client();
    lane = new AskLane({ redis, now: () => now, waitingMax: 3 });
    const fetcher = (name: string) =>
      new TakenAsks({ redis, blocking: server.client(), fetcher: name, leaseMs });
    [one, other] = [fetcher('one'), fetcher('other')];
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    now = Date.now();
    await redis.flushall();
  });

  const held = async (): Promise<unknown[]> =>
    redis.xpending(redisKeys.asks, fetcherGroup, '-', '+', 9);
  const there = (): Promise<number> => redis.xlen(redisKeys.asks);
  /** The rescue of a dead fetcher's asks, once their lease is over. */
  const rescued = async (by: TakenAsks) => {
    for (;;) {
      const found = await by.rescue(9);
      if (found.length > 0) return found;
      await new Promise((on) => setTimeout(on, 5));
    }
  };

  it('has one ask for a question, and as many as there are questions', async () => {
    expect(await lane.add(job, { askId: 'a', jobId: 'j1' })).toBe('j1');
    expect(await lane.add(job, { askId: 'a', jobId: 'j2' })).toBe('j1');
    expect(await lane.add(job, { askId: 'b', jobId: 'j3' })).toBe('j3');
    expect((await one.take(9, 50)).map(({ jobId }) => jobId)).toEqual(['j1', 'j3']);
    expect(await lane.add(job, { askId: 'a', jobId: 'j4' })).toBe('j1');
  });

  it('hands each ask to one fetcher, with its data and its age, in batches', async () => {
    for (const askId of ['a', 'b', 'c']) await lane.add(job, { askId, jobId: askId });
    const [first, second] = [await one.take(2, 50), await other.take(9, 50)];
    expect(first.map(({ jobId }) => jobId)).toEqual(['a', 'b']);
    expect(second).toMatchObject([{ jobId: 'c', askId: 'c', data: job, addedAt: now, takes: 1 }]);
    expect(await other.take(9, 1)).toEqual([]);
  });

  it('wakes a fetcher that waits', async () => {
    const taken = one.take(9, 5_000);
    await lane.add(job, { askId: 'a', jobId: 'j1' });
    expect(await taken).toMatchObject([{ jobId: 'j1' }]);
  });

  it('keeps what was added before any fetcher came, and after a Redis was flushed', async () => {
    await lane.add(job, { askId: 'a' });
    expect(await one.take(9, 50)).toHaveLength(1);
    await redis.flushall();
    await lane.add(job, { askId: 'a' });
    expect(await one.take(9, 50)).toHaveLength(1);
  });

  it('forgets an ask that has ended: the question is open again', async () => {
    await lane.add(job, { askId: 'a', jobId: 'j1' });
    const [ask] = await one.take(9, 50);
    await one.end(ask!);
    expect([await there(), await held()]).toEqual([0, []]);
    expect(await lane.add(job, { askId: 'a', jobId: 'j2' })).toBe('j2');
  });

  it('does not open a question that somebody asked anew', async () => {
    await lane.add(job, { askId: 'a', jobId: 'j1' });
    const [ask] = await one.take(9, 50);
    await redis.xdel(redisKeys.asks, ask!.entry);
    await lane.add(job, { askId: 'a', jobId: 'j2' });
    await one.end(ask!);
    expect(await lane.add(job, { askId: 'a', jobId: 'j3' })).toBe('j2');
  });

  it('gives what a dead fetcher had to another when its lease is over, and counts', async () => {
    await lane.add(job, { askId: 'a', jobId: 'j1' });
    await one.take(9, 50);
    expect(await other.rescue(9)).toEqual([]);
    expect(await rescued(other)).toMatchObject([{ jobId: 'j1', data: job, takes: 2 }]);
    expect(await rescued(one)).toMatchObject([{ jobId: 'j1', takes: 3 }]);
  });

  it('leaves what is renewed alone, and tells who has lost an ask', async () => {
    await lane.add(job, { askId: 'a' });
    const mine = await one.take(9, 50);
    for (let time = 0; time < 6; time += 1) {
      await new Promise((on) => setTimeout(on, leaseMs / 3));
      expect((await one.renew(mine)).size).toBe(1);
      expect(await other.rescue(9)).toEqual([]);
    }
    await rescued(other);
    expect((await one.renew(mine)).size).toBe(0);
  });

  it('gives an ask back to whoever comes next, as old as it is and still one with its question', async () => {
    await lane.add(job, { askId: 'a', jobId: 'j1' });
    const [ask] = await one.take(9, 50);
    now += 1_000;
    await one.giveBack(ask!);
    expect(await lane.add(job, { askId: 'a', jobId: 'j2' })).toBe('j1');
    expect(await other.take(9, 50)).toMatchObject([
      { jobId: 'j1', addedAt: now - 1_000, takes: 1 },
    ]);
    expect(await held()).toHaveLength(1);
  });

  it('takes back what no fetcher has taken, and nothing else', async () => {
    await lane.add(job, { askId: 'a', jobId: 'j1' });
    expect(await lane.takeBack('a')).toBe('j1');
    expect(await lane.takeBack('a')).toBeUndefined();
    expect(await there()).toBe(0);
    await lane.add(job, { askId: 'a', jobId: 'j2' });
    await one.take(9, 50);
    expect(await lane.takeBack('a')).toBeUndefined();
    expect(await there()).toBe(1);
  });

  it('is full at its bound, says so, and makes room by dropping what nobody can want any more', async () => {
    const stale = String(Date.now() - 151_000);
    for (const n of [1, 2, 3]) await redis.xadd(redisKeys.asks, `${stale}-${n}`, 'job', 'old');
    for (const askId of ['a', 'b', 'c']) await lane.add(job, { askId });
    await expect(lane.add(job, { askId: 'd' })).rejects.toMatchObject({ kind: 'queue-full' });
    expect(await lane.add(job, { askId: 'a', jobId: 'late' })).not.toBe('late');
  });

  it('forgets a dead fetcher’s ask that is no longer there', async () => {
    await lane.add(job, { askId: 'a' });
    const [ask] = await one.take(9, 50);
    await redis.xdel(redisKeys.asks, ask!.entry);
    for (;;) {
      expect(await other.rescue(9)).toEqual([]);
      if ((await held()).length === 0) break;
    }
  });

  it('hands on whatever lies in it: what is wrong with it is for the fetcher to say', async () => {
    await redis.xadd(redisKeys.asks, '*', 'data', '{no json');
    expect(await one.take(9, 50)).toMatchObject([
      { jobId: '', askId: '', data: undefined, addedAt: NaN },
    ]);
  });
});
