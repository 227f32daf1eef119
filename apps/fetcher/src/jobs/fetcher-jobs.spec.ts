import { Failure, Postponed } from '@glasshouse/coinglass-client';
import {
  announce,
  openQueue,
  redisKeys,
  type AnswerFacts,
  type Outcome,
} from '@glasshouse/fetch-queue';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import type { Logger } from '@glasshouse/service-kit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DelayedError, type Job, type JobsOptions, type Queue } from 'bullmq';
import type { Fetched, FetchOrder } from '../fetch/fetch-order.ts';
import { createConsumerSpans } from './consumer-span.ts';
import { FetcherJobs } from './fetcher-jobs.ts';
import { createTeamDirectory } from '../teams/team-directory.ts';
import { SetAside } from './job-fate.ts';
import { JobRunner } from './job-runner.ts';
import type { Quarantine } from './quarantine/quarantine.ts';
import { untried } from '../testing/untried.ts';

const job = { v: 1, endpoint: 'etf/bitcoin/list' } as const;
const facts: AnswerFacts = {
  key: 'v1.served',
  endpoint: job.endpoint,
  params: { interval: '4h' },
  source: 'sandbox',
  fetchedAt: 1,
  freshUntil: 2,
  staleUntil: 3,
  permits: 2,
};
const fetched: Fetched = {
  askedKey: 'v1.asked',
  facts,
  permits: 2,
  signs: { quotaUsed: 17, clockAheadMs: -400 },
};

const teams = createTeamDirectory({
  team: (id) => (id === 'desk' ? { id, weight: 2, permitsPerMinute: 50 } : undefined),
});

const until = async <T>(look: () => Promise<T | undefined | false>): Promise<T> => {
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    await new Promise((on) => setTimeout(on, 5));
  }
};

(redisIsHere ? describe : describe.skip)('the fetcher’s jobs', () => {
  let server: PrivateRedis;
  let redis: ReturnType<PrivateRedis['client']>;
  let queue: Queue;
  const orders: FetchOrder[] = [];
  let fetch: (order: FetchOrder) => Promise<Fetched>;
  let apart: Quarantine['perform'];
  let lines: Record<string, unknown>[];
  const running: FetcherJobs[] = [];

  beforeAll(async () => {
    server = await PrivateRedis.started();
    redis = server.client();
    queue = openQueue('shared', redis);
  });
  afterAll(async () => {
    await queue.close();
    await server.stop();
  });
  beforeEach(async () => {
    await redis.flushall();
    orders.length = 0;
    lines = [];
    fetch = () => Promise.resolve(fetched);
    apart = () => Promise.reject(new Error('nobody is set apart here'));
  });
  afterEach(() => Promise.all(running.splice(0).map((jobs) => jobs.stop(0))));

  /** What is said of jobs goes over the connection over which they are moved, as in the fetcher. */
  const newRunner = (connection = redis): JobRunner => {
    const note = (line: object): void => void lines.push(line as Record<string, unknown>);
    return new JobRunner({
      ...untried,
      desk: {
        fetch: (order) => {
          orders.push(order);
          return fetch(order);
        },
      },
      probeStream: () => Promise.resolve({ permits: 0, openMs: 5, pongMs: 1 }),
      teams,
      quarantine: { perform: (job, terms) => apart(job, terms) },
      announce: {
        shared: (outcome) => announce(connection, outcome),
        interactive: (outcome) => announce(redis, outcome),
      },
      inSpan: createConsumerSpans(),
      logger: { info: note, warn: note, error: note },
    });
  };
  const start = (): FetcherJobs => {
    const quiet = () => undefined;
    const connection = server.client();
    const jobs = new FetcherJobs({
      runner: newRunner(connection),
      connection,
      concurrency: 4,
      logger: { info: quiet, warn: quiet, error: quiet } as unknown as Logger,
    });
    running.push(jobs);
    jobs.start();
    return jobs;
  };
  const add = async (data: unknown, opts: JobsOptions = {}): Promise<string> =>
    (await queue.add('any', data, opts)).id ?? '';
  const inState = (state: string, id: string): Promise<Job> =>
    until(async () => ((await queue.getJobState(id)) === state ? queue.getJob(id) : undefined));
  const outcomeOf = async (id: string): Promise<Outcome | undefined> => {
    const text = await redis.get(redisKeys.outcome(id));
    return text === null ? undefined : (JSON.parse(text) as Outcome);
  };

  it('end answered with where the answer lies, which is announced, and never with the answer', async () => {
    start();
    const id = await add(job);
    const { returnvalue } = await inState('completed', id);
    const result = {
      answerKey: 'v1.served',
      url: '/v1/answers/v1.served',
      endpoint: job.endpoint,
      servedInterval: '4h',
      source: 'sandbox',
      permits: 2,
    };
    expect(returnvalue).toEqual(result);
    expect(await outcomeOf(id)).toEqual({
      jobId: id,
      state: 'answered',
      askedKey: 'v1.asked',
      result,
    });
    expect(lines).toMatchObject([
      { event: 'job.end', outcome: 'answered', lane: 'bulk', permits: 2 },
    ]);
  });

  it('run in the bulk lane, and choose no other', async () => {
    start();
    await inState('completed', await add(job));
    expect(orders).toMatchObject([{ lane: 'bulk', arm: 'baseline' }]);
    expect(orders[0]).not.toHaveProperty('notBefore');
    const usurper = await add({ ...job, lane: 'interactive' });
    expect((await inState('failed', usurper)).failedReason).toMatch(/^invalid-job: .*lane/);
  });

  it('are on the account of the team they name, if it is registered; a made-up name has none of its own', async () => {
    start();
    await inState('completed', await add({ ...job, team: 'desk' }));
    await inState('completed', await add({ ...job, team: 'made-up' }));
    await inState('completed', await add(job));
    expect(orders.map(({ team }) => team)).toEqual([
      { id: 'desk', weight: 2, permitsMax: 50 },
      { id: 'open', weight: 1 },
      { id: 'open', weight: 1 },
    ]);
  });

  it('that are invalid end at once, visible, whatever attempts and retention the producer wished', async () => {
    start();
    const wishes = {
      attempts: 1e9,
      backoff: 0,
      removeOnFail: true,
      priority: 9,
      stackTraceLimit: 99,
    };
    const id = await add({ v: 1 }, wishes);
    const failed = await inState('failed', id);
    expect(failed.failedReason).toMatch(/^invalid-job: endpoint: /);
    expect(failed).toMatchObject({ attemptsMade: 1, stacktrace: [] });
    expect(await outcomeOf(id)).toMatchObject({
      state: 'failed',
      failure: { kind: 'invalid-job' },
    });
    expect(orders).toEqual([]);
  });

  it('whose data is no JSON end as invalid, and do not stall for ever', async () => {
    const id = await add(job);
    await redis.hset(queue.toKey(id), 'data', '{no json');
    start();
    expect((await inState('failed', id)).failedReason).toBe(
      "invalid-job: The job's data is not JSON",
    );
  });

  it('of many MB end as invalid without being parsed, and leave Redis', async () => {
    start();
    const id = await add({ ...job, padding: 'x'.repeat(10_000_000) });
    expect((await inState('failed', id)).failedReason).toMatch(
      /^invalid-job: The job's data has 10000\d+ bytes; at most 16384 are taken$/,
    );
    await until(async () => (await redis.hget(queue.toKey(id), 'data')) === '{}');
  });

  it('whose hash was evicted end as invalid', async () => {
    const id = await add(job);
    await redis.del(queue.toKey(id));
    start();
    expect((await inState('failed', id)).failedReason).toMatch(/^invalid-job: /);
  });

  it('of a scheduler end as invalid, and the next one is not made', async () => {
    await queue.upsertJobScheduler('often', { every: 5 }, { name: 'any', data: job });
    const [first] = await queue.getJobs(['delayed', 'waiting']);
    start();
    expect((await inState('failed', first?.id ?? '')).failedReason).toMatch(/^invalid-job: repeat/);
    const left = () => queue.getJobCountByTypes('delayed', 'waiting', 'active');
    await until(async () => (await left()) === 0);
    await new Promise((on) => setTimeout(on, 50));
    expect(await left()).toBe(0);
  });

  it('that saw a worker die run apart, and only there', async () => {
    const done = { result: { permits: 1 }, attributes: {} };
    const seen: unknown[] = [];
    let turns = 0;
    apart = (set) => {
      seen.push(set);
      return (turns += 1) < 3 ? Promise.reject(new SetAside(10)) : Promise.resolve(done);
    };
    const id = await add(job);
    await redis.hset(queue.toKey(id), 'stc', 1);
    start();
    const { attemptsMade, returnvalue } = await inState('completed', id);
    expect({ attemptsMade, returnvalue, turns }).toEqual({
      attemptsMade: 1,
      returnvalue: { permits: 1 },
      turns: 3,
    });
    expect(seen[0]).toMatchObject({ queue: 'shared', jobId: id, data: job });
    expect(orders).toEqual([]);
  });

  it('that saw a worker die and are too late by now do not bother the quarantine', async () => {
    const id = await add({ ...job, deadlineAt: 1 });
    await redis.hset(queue.toKey(id), 'stc', 1);
    start();
    expect((await inState('failed', id)).failedReason).toMatch(/^deadline-passed/);
  });

  it('that take the fetcher itself along time and again end as poison', async () => {
    const id = await add(job);
    await redis.hset(queue.toKey(id), {
      stc: 11,
      defa: 'job stalled more than allowable limit',
    });
    start();
    expect((await inState('failed', id)).failedReason).toMatch(/^poison-job: /);
    expect(await outcomeOf(id)).toMatchObject({ failure: { kind: 'poison-job' } });
  });

  it('whose time is over cost nothing', async () => {
    start();
    const id = await add({ ...job, deadlineAt: 1 });
    expect((await inState('failed', id)).failedReason).toMatch(/^deadline-passed/);
    expect(orders).toEqual([]);
  });

  it('that failed upstream are tried again later from the shared queue, with our attempts, unannounced', async () => {
    fetch = () => Promise.reject(new Failure('upstream-unavailable', 'down'));
    start();
    const id = await add(job, { attempts: 1, backoff: { type: 'fixed', delay: 1 } });
    const delayed = await inState('delayed', id);
    expect(delayed.attemptsMade).toBe(1);
    expect(delayed.delay).toBeGreaterThanOrEqual(1_000);
    expect(await outcomeOf(id)).toBeUndefined();
  });

  it('without a permit go back for as long as it takes, say so, and spend no attempt', async () => {
    let times = 0;
    fetch = () =>
      (times += 1) < 3 ? Promise.reject(new Postponed(100, 'pause')) : Promise.resolve(fetched);
    start();
    const before = Date.now();
    const id = await add(job);
    const told = await until(() => outcomeOf(id));
    expect(told).toMatchObject({ state: 'postponed', because: 'pause' });
    const done = await inState('completed', id);
    expect(Date.now() - before).toBeGreaterThanOrEqual(200);
    expect(done.attemptsMade).toBe(1);
    expect(await outcomeOf(id)).toMatchObject({ state: 'answered' });
  });

  it('that a bug ended say no more than that, and the log says all', async () => {
    fetch = () => Promise.reject(new TypeError('x is not a function'));
    start();
    const failed = await inState('failed', await add(job));
    expect(failed.failedReason).toMatch(/^internal: An unexpected error/);
    expect(await redis.hgetall(queue.toKey(failed.id ?? ''))).not.toMatchObject({
      stacktrace: expect.stringContaining('TypeError'),
    });
    expect(lines[0]?.['err']).toBeInstanceOf(TypeError);
    expect(orders.length).toBe(1);
  });

  it('that run when the process stops end if they soon can, else go back unharmed to be run by another', async () => {
    const held = Promise.withResolvers<Fetched>();
    fetch = ({ signal, strict }) =>
      strict
        ? held.promise
        : new Promise((_, gone) =>
            signal.addEventListener('abort', () => gone(signal.reason as Error)),
          );
    const jobs = start();
    const quick = await add({ ...job, strict: true });
    const slow = await add(job);
    await until(async () => orders.length === 2);
    const stopped = jobs.stop(100);
    expect(jobs.taking).toBe(false);
    held.resolve(fetched);
    const late = await add({ ...job, strict: true });
    await stopped;
    expect(await queue.getJobState(quick)).toBe('completed');
    expect(await queue.getJobState(late)).not.toBe('active');
    const sentBack = await queue.getJob(slow);
    expect(sentBack?.attemptsMade).toBe(0);
    expect(await sentBack?.getState()).toBe('delayed');
    expect(await outcomeOf(slow)).toBeUndefined();

    fetch = () => Promise.resolve(fetched);
    start();
    await inState('completed', slow);
    await inState('completed', late);
  });

  it('that begin after everything was sent back go back, too, before anything is asked', async () => {
    const runner = newRunner();
    runner.sendBackAll();
    const moved: string[] = [];
    const taken = {
      ...{ id: 'j', data: job, opts: {}, timestamp: Date.now(), attemptsMade: 0 },
      moveToDelayed: (_at: number, token: string) => Promise.resolve(void moved.push(token)),
    } as unknown as Job;
    await expect(runner.run(taken, 'token', 'shared')).rejects.toBeInstanceOf(DelayedError);
    expect(moved).toEqual(['token']);
    expect(orders).toEqual([]);
  });

  it('whose lock was lost are let go without a word', async () => {
    fetch = ({ signal }) =>
      new Promise((_, gone) =>
        signal.addEventListener('abort', () => gone(signal.reason as Error)),
      );
    const runner = newRunner();
    const id = 'j-lost';
    const taken = {
      id,
      data: job,
      opts: {},
      timestamp: Date.now(),
      attemptsMade: 0,
    } as unknown as Job;
    const run = runner.run(taken, 'token', 'shared');
    await until(async () => orders.length === 1);
    runner.letGo('interactive', id);
    expect(runner.running).toBe(1);
    runner.letGo('shared', id);
    await expect(run).rejects.toBeInstanceOf(DelayedError);
    expect(await outcomeOf(id)).toBeUndefined();
    expect(runner.running).toBe(0);
  });

  it('are not failed by an announcement that cannot be made', async () => {
    const outOfMemory = () => Promise.reject(new Error('OOM'));
    const runner = new JobRunner({
      ...untried,
      desk: { fetch: () => Promise.resolve(fetched) },
      probeStream: () => Promise.reject(new Error('no')),
      teams,
      quarantine: { perform: () => Promise.reject(new Error('no')) },
      announce: { shared: outOfMemory, interactive: outOfMemory },
      inSpan: createConsumerSpans(),
      logger: {
        info: () => undefined,
        warn: () => undefined,
        error: () => undefined,
      },
    });
    const taken = {
      id: 'j',
      data: job,
      opts: {},
      timestamp: Date.now(),
      attemptsMade: 0,
    } as unknown as Job;
    expect(await runner.run(taken, 'token', 'shared')).toMatchObject({ answerKey: 'v1.served' });
  });
});
