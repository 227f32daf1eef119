import { announce, backlogMax, openQueue, redisKeys, type Outcome } from '@glasshouse/fetch-queue';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FlowProducer, Worker, type Queue } from 'bullmq';
import { silent } from '../../testing/silent.ts';
import { Reaper } from './reaper.ts';

const prefix = '{coinglass}';
const job = { v: 1, endpoint: 'etf/bitcoin/list' };
const dayMs = 24 * 3_600_000;

(redisIsHere ? describe : describe.skip)('the reaper', () => {
  let server: PrivateRedis;
  let redis: ReturnType<PrivateRedis['client']>;
  let queue: Queue;

  beforeAll(async () => {
    server = await PrivateRedis.started();
    redis = server.client();
    queue = openQueue('shared', redis);
  });
  afterAll(async () => {
    await queue.close();
    await server.stop();
  });
  beforeEach(() => redis.flushall());

  const reaper = (now = Date.now()): Reaper =>
    new Reaper({
      redis,
      announce: (outcome) => announce(redis, outcome),
      logger: silent,
      now: () => now,
    });
  /** Takes a job as a worker does that is then gone. */
  const take = async (): Promise<void> => {
    const worker = new Worker(queue.name, null, { connection: server.client(), prefix });
    await worker.getNextJob('token').catch(() => undefined);
    await worker.close(true);
  };
  const failedReasonOf = async (id: string): Promise<string | undefined> =>
    (await queue.getFailed()).find((each) => each.id === id)?.failedReason;
  const outcomeOf = async (id: string): Promise<Outcome> =>
    JSON.parse((await redis.get(redisKeys.outcome(id))) ?? '{}') as Outcome;

  it.each([
    ['opts', '{no json'],
    ['opts', 'null'],
    ['progress', '{no json'],
    ['parent', '{no json'],
  ])(
    'ends a taken job whose %s no worker can read (%s), and it spoils no listing',
    async (field, text) => {
      await queue.add('any', job, { jobId: 'j-unreadable' });
      await redis.hset(queue.toKey('j-unreadable'), field, text);
      await take();
      expect(await redis.lrange(queue.toKey('active'), 0, -1)).toEqual(['j-unreadable']);
      expect(await reaper().sweep()).toBe(1);
      expect(await failedReasonOf('j-unreadable')).toMatch(/^invalid-job: opts: /);
      expect(await outcomeOf('j-unreadable')).toMatchObject({ failure: { kind: 'invalid-job' } });
      expect(await redis.exists(queue.toKey('j-unreadable:lock'))).toBe(0);
    },
  );

  it('ends a job that stalled on and on with nobody to hold it, and no job that is held', async () => {
    await queue.add('any', job, { jobId: 'j-held' });
    await queue.add('any', job, { jobId: 'j-lost' });
    await take();
    await take();
    await redis.hset(queue.toKey('j-held'), { stc: 99, progress: 'null' });
    await redis.hset(queue.toKey('j-lost'), 'stc', 99);
    await redis.del(queue.toKey('j-lost:lock'));
    expect(await reaper().sweep()).toBe(1);
    expect(await failedReasonOf('j-lost')).toMatch(/^poison-job: /);
    expect(await queue.getJobState('j-held')).toBe('active');
  });

  it('ends what is put off for ever, and leaves what is put off for hours', async () => {
    await queue.add('any', job, { jobId: 'j-never', delay: 1e18 });
    await queue.add('any', job, { jobId: 'j-future', timestamp: Date.now() + 2 * dayMs, delay: 1 });
    await queue.add('any', job, { jobId: 'j-later', delay: dayMs });
    expect(await reaper().sweep()).toBe(2);
    for (const id of ['j-never', 'j-future']) {
      expect(await failedReasonOf(id)).toBe('invalid-job: delay: a job is put off by 24 h at most');
    }
    expect(await queue.getJobState('j-later')).toBe('delayed');
  });

  it('ends a parent whose children have not come in a day', async () => {
    const flow = new FlowProducer({ connection: server.client(), prefix });
    await flow.add({
      ...{ name: 'parent', queueName: queue.name, data: job, opts: { jobId: 'j-parent' } },
      children: [{ name: 'child', queueName: 'nobody', data: {} }],
    });
    await flow.close();
    expect(await reaper().sweep()).toBe(0);
    expect(await reaper(Date.now() + dayMs + 1_000).sweep()).toBe(1);
    expect(await failedReasonOf('j-parent')).toMatch(/^invalid-job: children: /);
  });

  it('sheds the newest of what was added over the bound, but for what was taken before', async () => {
    const ids = Array.from({ length: backlogMax + 3 }, (_, n) => `j-${n}`);
    const newest = ids.slice(-3);
    const load = redis.pipeline();
    for (const id of ids) load.hset(queue.toKey(id), { name: 'any', data: '{}', opts: '{}' });
    load.lpush(queue.toKey('wait'), ...ids);
    load.hset(queue.toKey(newest[1] ?? ''), 'ats', 1);
    await load.exec();
    expect(await reaper().sweep()).toBe(2);
    expect(await failedReasonOf(newest[2] ?? '')).toMatch(/^queue-full: Over 14000 jobs wait/);
    expect(await queue.getJobState(newest[1] ?? '')).toBe('waiting');
    expect(await outcomeOf(newest[0] ?? '')).toMatchObject({
      failure: { kind: 'queue-full', retryAfterMs: expect.any(Number) },
    });
  });

  it('frees a question that an ended or lost job has left behind, and none that is being answered', async () => {
    await queue.add('any', job, { jobId: 'j-waits', deduplication: { id: 'waits' } });
    await redis.set(queue.toKey('de:lost'), 'j-lost');
    await redis.hset(queue.toKey('j-ended'), { name: 'any', finishedOn: 1 });
    await redis.set(queue.toKey('de:ended'), 'j-ended');
    await reaper().sweep();
    expect((await redis.keys(queue.toKey('de:*'))).sort()).toEqual([queue.toKey('de:waits')]);
  });

  it('lets a question be asked again that an ended job had asked', async () => {
    const asks = { deduplication: { id: 'question' } };
    await queue.add('any', job, { jobId: 'j-first', delay: 1e18, ...asks });
    await reaper().sweep();
    expect((await queue.add('any', job, { jobId: 'j-second', ...asks })).id).toBe('j-second');
  });
});
