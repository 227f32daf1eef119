import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Failure, Postponed } from '@glasshouse/coinglass-client';
import {
  announce,
  AskLane,
  fetcherGroup,
  redisKeys,
  TakenAsks,
  type AnswerFacts,
  type Outcome,
} from '@glasshouse/fetch-queue';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import type { Logger } from '@glasshouse/service-kit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Fetched, FetchOrder } from '../fetch/fetch-order.ts';
import { createConsumerSpans } from '../jobs/consumer-span.ts';
import { JobRunner } from '../jobs/job-runner.ts';
import { SetAside } from '../jobs/job-fate.ts';
import { createDeathCount } from '../jobs/quarantine/death-count.ts';
import { Quarantine } from '../jobs/quarantine/quarantine.ts';
import { silent } from '../testing/silent.ts';
import { createTeamDirectory } from '../teams/team-directory.ts';
import { FetcherAsks } from './fetcher-asks.ts';
import { untried } from '../testing/untried.ts';

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
const fetched: Fetched = { askedKey: 'v1.asked', facts, permits: 1, signs: {} };
const leaseMs = 200;
const teams = createTeamDirectory({
  team: (id) => (id === 'desk' ? { id, weight: 2, permitsPerMinute: 50 } : undefined),
});

const until = async <T>(look: () => Promise<T | undefined | false> | T | false): Promise<T> => {
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    await new Promise((on) => setTimeout(on, 5));
  }
};

(redisIsHere ? describe : describe.skip)('readers’ asks', () => {
  let server: PrivateRedis;
  let redis: ReturnType<PrivateRedis['client']>;
  let lane: AskLane;
  let fetch: (order: FetchOrder) => Promise<Fetched>;
  let apart: Quarantine['perform'];
  const orders: FetchOrder[] = [];
  const lines: Record<string, unknown>[] = [];
  const running: FetcherAsks[] = [];

  beforeAll(async () => {
    server = await PrivateRedis.started();
    redis = server.client();
    lane = new AskLane({ redis });
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    await redis.flushall();
    [orders, lines].forEach((list) => list.splice(0));
    fetch = () => Promise.resolve(fetched);
    apart = () => Promise.reject(new Error('nobody is set apart here'));
  });
  afterEach(() => Promise.all(running.splice(0).map((asks) => asks.stop(0))));

  const laneOf = (fetcher: string = randomUUID()): TakenAsks =>
    new TakenAsks({ redis, blocking: server.client(), fetcher, leaseMs });
  const start = ({ concurrency = 4 } = {}): FetcherAsks => {
    const note = (line: object): void => void lines.push(line as Record<string, unknown>);
    const logger = { info: note, warn: note, error: note } as unknown as Logger;
    const tell = (outcome: Outcome): Promise<void> => announce(redis, outcome);
    const runner = new JobRunner({
      ...untried,
      desk: {
        fetch: (order) => {
          orders.push(order);
          return fetch(order);
        },
      },
      probeStream: () => Promise.resolve({ permits: 0, openMs: 5, pongMs: 1 }),
      teams,
      quarantine: { perform: (order, terms) => apart(order, terms) },
      announce: { shared: tell, interactive: tell },
      inSpan: createConsumerSpans(),
      logger,
    });
    const parts = { runner, lane: laneOf(), concurrency, logger };
    const asks = new FetcherAsks({ ...parts, renewMs: leaseMs / 4 });
    running.push(asks);
    asks.start();
    return asks;
  };
  const outcomeOf = async (jobId: string): Promise<Outcome | undefined> => {
    const text = await redis.get(redisKeys.outcome(jobId));
    return text === null ? undefined : (JSON.parse(text) as Outcome);
  };
  const ended = (): Promise<true> => until(async () => (await redis.xlen(redisKeys.asks)) === 0);
  const runs = () => lines.filter(({ event }) => event === 'job.end');
  /** Until it is stopped. */
  const endless = ({ signal }: FetchOrder): Promise<Fetched> =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });

  it('are answered with where the answer lies, announced, and gone', async () => {
    start();
    const jobId = await lane.add({ ...job, lane: 'probe', fresh: true }, { askId: 'a' });
    await ended();
    expect(await outcomeOf(jobId)).toMatchObject({
      state: 'answered',
      askedKey: 'v1.asked',
      result: { answerKey: 'v1.served', permits: 1 },
    });
    expect(orders).toMatchObject([
      { endpoint: job.endpoint, lane: 'probe', notBefore: expect.any(Number) },
    ]);
    expect(runs()).toMatchObject([
      {
        queue: 'coinglass-interactive',
        jobId,
        outcome: 'answered',
        queueWaitMs: expect.any(Number),
      },
    ]);
  });

  it('hand a small answer over with the word that it is there, and keep the word alone', async () => {
    const data = { vendor: '[{"a":"1"}]', house: '[{"a":1}]' };
    fetch = () => Promise.resolve({ ...fetched, data });
    const words: Outcome[] = [];
    const listener = server.client();
    await listener.subscribe(redisKeys.outcomes);
    listener.on('message', (_, text) => words.push(JSON.parse(text) as Outcome));
    start();
    const jobId = await lane.add(job, { askId: 'a' });
    await until(() => words.length > 0);
    expect(orders).toMatchObject([{ handsOver: true }]);
    expect(words).toMatchObject([{ jobId, state: 'answered', answer: { facts, ...data } }]);
    expect(await outcomeOf(jobId)).not.toHaveProperty('answer');
  });

  it('ask for the stream, too', async () => {
    start();
    const jobId = await lane.add({ v: 1, probe: 'stream' }, { askId: 'a' });
    await ended();
    expect(await outcomeOf(jobId)).toMatchObject({ result: { openMs: 5, pongMs: 1 } });
  });

  it('that fail are told so at once and not tried again', async () => {
    fetch = () => Promise.reject(new Failure('upstream-unavailable', 'down'));
    start();
    const jobId = await lane.add(job, { askId: 'a' });
    await ended();
    expect(await outcomeOf(jobId)).toMatchObject({
      state: 'failed',
      failure: { kind: 'upstream-unavailable' },
    });
    expect(orders).toHaveLength(1);
  });

  it.each([
    [
      'is not understood',
      'invalid-job',
      () => redis.xadd(redisKeys.asks, '*', 'job', 'j1', 'data', '{no'),
    ],
    [
      'comes too late',
      'deadline-passed',
      () => lane.add({ ...job, deadlineAt: 1 }, { askId: 'a', jobId: 'j1' }),
    ],
  ])('cost nothing when what they say %s', async (_, kind, add) => {
    start();
    await add();
    expect(await until(() => outcomeOf('j1'))).toMatchObject({
      state: 'failed',
      failure: { kind },
    });
    await ended();
    expect(orders).toEqual([]);
  });

  it('without a permit are put off, which is announced, and come again here', async () => {
    let times = 0;
    fetch = () =>
      times++ === 0 ? Promise.reject(new Postponed(150, 'limit')) : Promise.resolve(fetched);
    start();
    const jobId = await lane.add(job, { askId: 'a' });
    expect(await until(() => outcomeOf(jobId))).toMatchObject({
      state: 'postponed',
      because: 'limit',
    });
    await ended();
    expect(runs().map(({ outcome }) => outcome)).toEqual(['postponed', 'answered']);
  });

  it('that are put off take no room from others', async () => {
    fetch = ({ endpoint }) =>
      endpoint === job.endpoint
        ? Promise.reject(new Postponed(30_000, 'limit'))
        : Promise.resolve(fetched);
    start({ concurrency: 1 });
    for (const askId of ['a', 'b', 'c']) await lane.add(job, { askId });
    const jobId = await lane.add({ v: 1, endpoint: 'etf/bitcoin/flow-history' }, { askId: 'd' });
    expect(await until(() => outcomeOf(jobId))).toMatchObject({ state: 'answered' });
  });

  it('are left to other fetchers when this one has no room', async () => {
    fetch = endless;
    start({ concurrency: 2 });
    for (const askId of ['a', 'b', 'c', 'd']) await lane.add(job, { askId });
    await until(() => orders.length === 2);
    start({ concurrency: 1 });
    await until(() => orders.length === 3);
    expect((await redis.xpending(redisKeys.asks, fetcherGroup))[0]).toBe(3);
  });

  it('of a fetcher that died are taken up by another when their lease is over, and run apart', async () => {
    const set: unknown[] = [];
    apart = (order) => {
      set.push(order);
      return Promise.resolve({ result: { permits: 1 }, attributes: {} });
    };
    const jobId = await lane.add(job, { askId: 'a' });
    await laneOf('dead').take(9, 50);
    start();
    await ended();
    expect(await outcomeOf(jobId)).toMatchObject({ state: 'answered' });
    expect(set).toMatchObject([
      {
        queue: 'interactive',
        jobId,
        data: { endpoint: job.endpoint },
        timestamp: expect.any(Number),
      },
    ]);
    expect(orders).toEqual([]);
  });

  it('that run apart come back here when their turn has not come', async () => {
    let times = 0;
    apart = () =>
      times++ === 0
        ? Promise.reject(new SetAside(20))
        : Promise.resolve({ result: { permits: 1 }, attributes: {} });
    const jobId = await lane.add(job, { askId: 'a' });
    await laneOf('dead').take(9, 50);
    start();
    await ended();
    expect(await outcomeOf(jobId)).toMatchObject({ state: 'answered' });
    expect(runs().map(({ outcome }) => outcome)).toEqual(['postponed', 'answered']);
  });

  it('that kill the process they run apart in, twice, end as poison', async () => {
    const quarantine = new Quarantine({
      program: join(process.cwd(), 'src/testing/obedient-process.ts'),
      countDeath: createDeathCount(redis),
      logger: silent,
    });
    apart = (set, terms) => quarantine.perform({ ...set, data: { order: 'exit' } }, terms);
    const jobId = await lane.add(job, { askId: 'a' });
    await laneOf('dead').take(9, 50);
    start();
    await ended();
    quarantine.stop();
    expect(await outcomeOf(jobId)).toMatchObject({
      state: 'failed',
      failure: { kind: 'poison-job' },
    });
    expect(orders).toEqual([]);
    expect(await redis.pttl(redisKeys.askDeaths(jobId))).toBeGreaterThan(0);
  });

  it('are on the account of the team that asked, with a turn since they were added', async () => {
    start();
    const before = Date.now();
    const jobId = await lane.add({ ...job, team: 'desk' }, { askId: 'a' });
    await lane.add({ ...job, team: 'nobody' }, { askId: 'b' });
    await ended();
    expect(orders).toMatchObject([
      {
        team: { id: 'desk', weight: 2, permitsMax: 50 },
        turn: { id: expect.stringContaining(jobId), since: expect.any(Number) },
      },
      { team: { id: 'open' } },
    ]);
    expect(orders[0]?.turn?.since).toBeGreaterThanOrEqual(before);
    expect(orders[0]?.turn?.since).toBeLessThanOrEqual(Date.now());
  });

  it('that run long are kept by renewing', async () => {
    fetch = () => new Promise((resolve) => setTimeout(() => resolve(fetched), 3 * leaseMs));
    start();
    start();
    await lane.add(job, { askId: 'a' });
    await ended();
    expect(orders).toHaveLength(1);
  });

  it('that another fetcher has taken up are let go: no word about them from here', async () => {
    fetch = endless;
    start();
    const jobId = await lane.add(job, { askId: 'a' });
    await until(() => orders.length === 1);
    const [[entry]] = (await redis.xrange(redisKeys.asks, '-', '+')) as [[string, string[]]];
    await redis.xclaim(redisKeys.asks, fetcherGroup, 'another', 0, entry);
    await until(() => orders[0]?.signal.aborted);
    await until(() => runs().length === 1);
    expect(runs()).toMatchObject([{ outcome: 'not-ours' }]);
    expect(await outcomeOf(jobId)).toBeUndefined();
    expect(await redis.xlen(redisKeys.asks)).toBe(1);
  });

  it('are given back when the fetcher stops: those put off and those that do not end in time', async () => {
    fetch = (order) =>
      order.strict ? Promise.reject(new Postponed(30_000, 'limit')) : endless(order);
    const stopping = start();
    const slow = await lane.add(job, { askId: 'a' });
    const later = await lane.add({ ...job, strict: true }, { askId: 'b' });
    await until(() => outcomeOf(later));
    await until(() => orders.length === 2);
    await stopping.stop(20);
    fetch = () => Promise.resolve(fetched);
    const startedAt = performance.now();
    start();
    await ended();
    expect(performance.now() - startedAt).toBeLessThan(leaseMs);
    expect(await outcomeOf(slow)).toMatchObject({ state: 'answered' });
    expect(await outcomeOf(later)).toMatchObject({ state: 'answered' });
  });

  it('that run may end when the fetcher stops', async () => {
    let end = (): void => undefined;
    fetch = () => new Promise((resolve) => (end = () => resolve(fetched)));
    const stopping = start();
    const jobId = await lane.add(job, { askId: 'a' });
    await until(() => orders.length === 1);
    const stopped = stopping.stop(5_000);
    end();
    await stopped;
    expect(await outcomeOf(jobId)).toMatchObject({ state: 'answered' });
    expect(await redis.xlen(redisKeys.asks)).toBe(0);
  });

  it('wait while Redis refuses, said once, and are taken when it does not any more', async () => {
    const jobId = await lane.add(job, { askId: 'a' });
    await redis.config('SET', 'min-replicas-to-write', '1');
    const asks = start();
    await until(() => lines.some(({ event }) => event === 'worker.error'));
    expect(asks.taking).toBe(false);
    await redis.config('SET', 'min-replicas-to-write', '0');
    expect(await until(() => outcomeOf(jobId))).toMatchObject({ state: 'answered' });
    await until(() => asks.taking);
    expect(lines.filter(({ event }) => event === 'worker.error').length).toBeLessThanOrEqual(2);
  });
});
