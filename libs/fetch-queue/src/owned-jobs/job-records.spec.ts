import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { newJobId } from '../job.ts';
import { redisKeys } from '../keys.ts';
import { openQueue } from '../queues.ts';
import { JobRecords, type Begun } from './job-records.ts';

const order = { v: 1, endpoint: 'etf/bitcoin/list' } as const;
const submission = { keyDigest: 'key', orderDigest: 'order' };
const result = { permits: 1, answerKey: 'v1.a' };
const failure = { kind: 'upstream-rejected', detail: 'no' } as const;

(redisIsHere ? describe : describe.skip)('the records of owned jobs', () => {
  let server: PrivateRedis;
  let redis: Redis;
  let queue: Queue;
  let records: JobRecords;

  beforeAll(async () => {
    server = await PrivateRedis.started();
    redis = server.client();
    queue = openQueue('shared', redis);
    records = new JobRecords(redis);
  });
  afterAll(async () => {
    await queue.close();
    await server.stop();
  });
  beforeEach(() => redis.flushall());

  const begin = (team = 'desk', given?: typeof submission): Promise<Begun> =>
    records.begin(newJobId(), { team, order }, given);
  const begun = async (team?: string): Promise<string> => {
    const { state, ...rest } = await begin(team);
    if (state === 'conflict' || !('id' in rest)) throw new Error('not begun');
    return rest.id;
  };
  const idsIn = async (team: string, state: Parameters<JobRecords['page']>[1]) =>
    (await records.page(team, state, { limit: 100 })).map(({ id }) => id);

  it('know whose a job is and what it asks, before the queue has it', async () => {
    const id = await begun();
    expect(await records.read(id)).toEqual({
      id,
      team: 'desk',
      order,
      createdAt: expect.any(Number),
      cancelling: false,
    });
    expect(await idsIn('desk', 'open')).toEqual([id]);
    expect(await idsIn('*', 'open')).toEqual([id]);
    expect(await idsIn('other', 'open')).toEqual([]);
  });

  it('have one job for one key, however many ask at once', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => begin('desk', submission)));
    const ids = all.map((each) => (each.state === 'conflict' ? '' : each.id));
    expect(new Set(ids).size).toBe(1);
    expect(all.filter(({ state }) => state === 'begun')).toHaveLength(1);
    expect(await idsIn('desk', 'open')).toHaveLength(1);
  });

  it('keep each team’s keys apart, and refuse a key that stands for another order', async () => {
    const first = await begin('desk', submission);
    expect(await begin('other', submission)).not.toEqual({ ...first, state: 'known' });
    const conflicting = { ...submission, orderDigest: 'another' };
    expect(await begin('desk', conflicting)).toEqual({ state: 'conflict' });
    expect(await begin('desk', submission)).toEqual({ ...first, state: 'known' });
  });

  it('let a key stand for nothing once the job it stood for is forgotten', async () => {
    const first = await begin('desk', submission);
    await redis.del(redisKeys.jobRecord('id' in first ? first.id : ''));
    const again = await begin('desk', { ...submission, orderDigest: 'another' });
    expect(again).toMatchObject({ state: 'begun' });
    expect(again).not.toEqual(first);
  });

  it('keep the first end, with the queue’s own times', async () => {
    const id = await begun();
    await queue.add('fetch', order, { jobId: id });
    await redis.hset(queue.toKey(id), 'processedOn', '1700000000000', 'atm', '2');
    expect(await records.end(id, { state: 'completed', result })).toBe('completed');
    expect(await records.end(id, { state: 'failed', failure })).toBe('completed');
    expect((await records.read(id))?.end).toEqual({
      state: 'completed',
      result,
      endedAt: expect.any(Number),
      startedAt: 1700000000000,
      attempts: 3,
    });
    expect(await idsIn('desk', 'open')).toEqual([]);
    expect(await idsIn('desk', 'completed')).toEqual([id]);
    expect(await idsIn('*', 'completed')).toEqual([id]);
  });

  it('say nothing of a job that is nobody’s', async () => {
    expect(await records.end('stranger', { state: 'failed', failure })).toBeUndefined();
    expect(await records.requestCancel('stranger')).toBeUndefined();
    expect(await redis.keys('*')).toEqual([]);
  });

  it('tell a running job to stop until it has ended, and leave an end alone', async () => {
    const [id, over] = [await begun(), await begun()];
    await records.end(over, { state: 'completed', result });
    expect(await records.requestCancel(id)).toBe('open');
    expect(await records.requestCancel(over)).toBe('completed');
    expect(await records.cancelled([id, over, 'stranger'])).toEqual([id]);
    expect((await records.read(id))?.cancelling).toBe(true);
    await records.end(id, { state: 'completed', result });
    expect(await records.cancelled([id])).toEqual([]);
  });

  it('still tell a cancelled job to stop that reaches the queue late', async () => {
    const id = await begun();
    await records.requestCancel(id);
    await records.end(id, { state: 'cancelled', failure: { ...failure, kind: 'cancelled' } });
    expect(await records.cancelled([id])).toEqual([id]);
  });

  it('are taken back for a job that the queue did not take, and only for such a one', async () => {
    const taken = await begin('desk', submission);
    const id = 'id' in taken ? taken.id : '';
    await queue.add('fetch', order, { jobId: id });
    await records.withdraw(id);
    expect(await records.read(id)).toBeDefined();
    await queue.remove(id);
    await records.withdraw(id);
    expect((await redis.keys('*')).filter((key) => key.includes(':v1:'))).toEqual([]);
  });

  it('go with time: open after 8 days, completed after 24 h, failed after 7 days', async () => {
    const hoursLeft = async (id: string) =>
      Math.round((await redis.pttl(redisKeys.jobRecord(id))) / 3_600_000);
    const [open, completed, failed] = [await begun(), await begun(), await begun()];
    await records.end(completed, { state: 'completed', result });
    await records.end(failed, { state: 'failed', failure });
    expect(await Promise.all([open, completed, failed].map(hoursLeft))).toEqual([192, 24, 168]);
  });

  it('are listed newest first, page by page, those of one moment too', async () => {
    const ids = await Promise.all(Array.from({ length: 25 }, () => begun()));
    const seen: string[] = [];
    for (let below; ;) {
      const page = await records.page('desk', 'open', { below, limit: 10 });
      seen.push(...page.map(({ id }) => id));
      below = page.at(-1);
      if (page.length < 10) break;
    }
    expect(seen).toHaveLength(25);
    expect(new Set(seen)).toEqual(new Set(ids));
    const times = await Promise.all(seen.map(async (id) => (await records.read(id))?.createdAt));
    expect(times).toEqual([...times].sort((a, b) => (b ?? 0) - (a ?? 0)));
  });

  it('of a team are bounded: the oldest ends go first', async () => {
    const small = new JobRecords(redis, { team: 2, everybody: 3 });
    const ids: string[] = [];
    for (const team of ['desk', 'desk', 'desk', 'other', 'other']) {
      const id = await begun(team);
      // Which of one moment is older, nobody knows.
      for (const at = Date.now(); Date.now() <= at + 1;);
      ids.push(id);
      await small.end(id, { state: 'failed', failure });
    }
    expect((await idsIn('desk', 'failed')).sort()).toEqual(ids.slice(1, 3).sort());
    expect(await small.read(ids[0] ?? '')).toBeUndefined();
    expect(await idsIn('*', 'failed')).toHaveLength(3);
    expect(await small.read(ids[1] ?? '')).toBeDefined();
  });
});
