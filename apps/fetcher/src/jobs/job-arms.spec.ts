import type { CountedCall } from '@glasshouse/canary';
import { Failure, Postponed } from '@glasshouse/coinglass-client';
import { openQueue, type AnswerFacts } from '@glasshouse/fetch-queue';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import { createLogger } from '@glasshouse/service-kit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Job, Queue } from 'bullmq';
import { createJobArms } from '../arms/job-arm.ts';
import type { Fetched, FetchOrder } from '../fetch/fetch-order.ts';
import { createTeamDirectory } from '../teams/team-directory.ts';
import { createConsumerSpans } from './consumer-span.ts';
import { FetcherJobs } from './fetcher-jobs.ts';
import { JobRunner } from './job-runner.ts';

const job = { v: 1, endpoint: 'etf/bitcoin/list' } as const;
const facts: AnswerFacts = {
  key: 'v1.served',
  endpoint: job.endpoint,
  params: {},
  source: 'sandbox',
  fetchedAt: 1,
  freshUntil: 2,
  staleUntil: 3,
  permits: 1,
};
const fetchedFor = (permits: number): Fetched => ({
  askedKey: 'v1.asked',
  facts,
  permits,
  signs: {},
});
const unavailable = new Failure('upstream-unavailable', 'down', { upstream: { status: 503 } });
const logger = createLogger({ service: 'test', level: 'silent', secrets: [] });

const unheard = (): Promise<void> => Promise.resolve();

(redisIsHere ? describe : describe.skip)('the arms of jobs', () => {
  let server: PrivateRedis;
  let queue: Queue;
  let jobs: FetcherJobs | undefined;
  let orders: FetchOrder[];
  let counted: CountedCall[];
  let fetch: (order: FetchOrder, run: number) => Fetched | Error;
  /** Every job id draws the canary, until told otherwise. */
  let flag: { value: string; reason: string; ruled?: true };

  beforeAll(async () => {
    server = await PrivateRedis.started();
    queue = openQueue('shared', server.client());
  });
  afterAll(async () => {
    await queue.close();
    await server.stop();
  });
  beforeEach(async () => {
    await server.client().flushall();
    orders = [];
    counted = [];
    flag = { value: 'canary', reason: 'TARGETING_MATCH', ruled: true };
    fetch = () => fetchedFor(1);
    const runner = new JobRunner({
      desk: {
        fetch: (order) => {
          orders.push(order);
          const outcome = fetch(order, orders.length);
          if (outcome instanceof Error) return Promise.reject(outcome);
          order.onSpent?.(outcome.permits);
          return Promise.resolve(outcome);
        },
      },
      probeStream: () => Promise.resolve({ permits: 0 }),
      teams: createTeamDirectory({ team: () => undefined }),
      armOf: createJobArms({ string: () => Promise.resolve(flag) }),
      ledger: { count: (call) => void counted.push(call) },
      quarantine: { perform: () => Promise.reject(new Error('nobody is set apart here')) },
      announce: { shared: unheard, interactive: unheard },
      inSpan: createConsumerSpans(),
      logger,
    });
    jobs = new FetcherJobs({ runner, connection: server.client(), concurrency: 2, logger });
    jobs.start();
  });
  afterEach(() => jobs?.stop(0));

  const add = async (name = 'fetch'): Promise<string> => (await queue.add(name, job)).id ?? '';
  const ended = async (id: string): Promise<Job> => {
    for (;;) {
      const state = await queue.getJobState(id);
      if (state === 'completed' || state === 'failed') return (await queue.getJob(id))!;
      if (state === 'delayed') await (await queue.getJob(id))?.promote().catch(() => undefined);
      await new Promise((on) => setTimeout(on, 5));
    }
  };
  const spending = (failure: Error, permits: number) => (order: FetchOrder) => {
    order.onSpent?.(permits);
    return failure;
  };

  it('stay with a job through slow retries and postponements, and it is counted once, at its end', async () => {
    fetch = (order, run) => {
      if (run === 1) return spending(unavailable, 3)(order);
      flag = { value: 'baseline', reason: 'TARGETING_MATCH', ruled: true };
      return run === 2 ? spending(new Postponed(1, 'limit'), 0)(order) : fetchedFor(2);
    };
    const id = await add();
    await ended(id);
    const runs = orders.map(({ arm, onTrial, callId }) => ({ arm, onTrial, callId }));
    expect(runs).toEqual(Array(3).fill({ arm: 'canary', onTrial: true, callId: id }));
    expect(counted).toMatchObject([{ operation: job.endpoint, arm: 'canary', outcome: 'ok' }]);
  });

  it('are decided by a rollback for jobs that come back from before it', async () => {
    fetch = (order, run) => {
      flag = { value: 'baseline', reason: 'STATIC' };
      return run === 1 ? spending(unavailable, 3)(order) : fetchedFor(1);
    };
    await ended(await add());
    expect(orders.map(({ arm }) => arm)).toEqual(['canary', 'baseline']);
    expect(counted).toMatchObject([{ arm: 'baseline', outcome: 'ok' }]);
  });

  it.each([
    ['auth', 'upstream-rejected', 404],
    ['params', 'upstream-rejected', 422],
    ['server', 'upstream-malformed', 200],
  ] as const)(
    'are burdened with %s for a job that failed with it',
    async (outcome, kind, status) => {
      fetch = spending(new Failure(kind, 'no', { upstream: { status } }), 1);
      await ended(await add());
      expect(counted).toMatchObject([{ operation: job.endpoint, arm: 'canary', outcome }]);
    },
  );

  const remembered = new Failure('interval-not-available', 'no', { upstream: { status: 422 } });

  it('are told of drawn calls that the store answered, too, or they could not be compared', async () => {
    fetch = () => fetchedFor(0);
    await ended(await add());
    expect(counted).toMatchObject([{ outcome: 'ok' }]);
  });

  it('are not burdened, nor credited, with what sent nothing while the arm is settled', async () => {
    flag = { value: 'canary', reason: 'STATIC' };
    fetch = (order, run) => (run === 1 ? spending(remembered, 0)(order) : fetchedFor(0));
    await ended(await add());
    await ended(await add());
    expect(counted).toEqual([]);
  });

  it.each([
    ['a key that is remembered as refused', new Failure('upstream-credentials', 'no'), 0],
    ['an interval that is remembered as refused', remembered, 0],
    ['what was refused before anybody was asked', remembered, undefined],
  ])('are never burdened with %s', async (_what, failure, permits) => {
    fetch = (order) => (permits === undefined ? failure : spending(failure, permits)(order));
    await ended(await add());
    expect(counted).toEqual([]);
  });

  it('are not told of what is run for everybody while a test is under way', async () => {
    await ended(await add('refresh'));
    expect(orders).toMatchObject([{ arm: 'baseline' }]);
    expect(counted).toEqual([]);
    flag = { value: 'canary', reason: 'STATIC' };
    await ended(await add('refresh'));
    expect(counted).toMatchObject([{ arm: 'canary', outcome: 'ok' }]);
  });
});
