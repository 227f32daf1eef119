import { JobRecords, newJobId, openQueue, redisKeys, type Outcome } from '@glasshouse/fetch-queue';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import type { Logger } from '@glasshouse/service-kit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Queue } from 'bullmq';
import type { FetchOrder } from '../fetch/fetch-order.ts';
import { silent } from '../testing/silent.ts';
import { createTeamDirectory } from '../teams/team-directory.ts';
import { Cancellations } from './cancellations.ts';
import { createConsumerSpans } from './consumer-span.ts';
import { FetcherJobs } from './fetcher-jobs.ts';
import { JobRunner } from './job-runner.ts';
import { createTell } from './tell.ts';
import { untried } from '../testing/untried.ts';

const order = { v: 1, endpoint: 'etf/bitcoin/list' } as const;

(redisIsHere ? describe : describe.skip)('a job with an owner', () => {
  let server: PrivateRedis;
  let redis: ReturnType<PrivateRedis['client']>;
  let queue: Queue;
  let records: JobRecords;
  let jobs: FetcherJobs | undefined;
  const told: Outcome[] = [];

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
  beforeEach(async () => {
    await redis.flushall();
    told.length = 0;
  });
  afterEach(() => jobs?.stop(0));

  const start = (fetch: (taken: FetchOrder) => Promise<never>): void => {
    const connection = server.client();
    const tell = createTell({ redis: connection, records: new JobRecords(connection) });
    const announce = async (outcome: Outcome): Promise<void> => {
      await tell(outcome);
      told.push(outcome);
    };
    const runner = new JobRunner({
      ...untried,
      desk: { fetch },
      probeStream: () => Promise.reject(new Error('not asked for')),
      teams: createTeamDirectory({ team: () => undefined }),
      quarantine: { perform: () => Promise.reject(new Error('not asked for')) },
      cancellations: new Cancellations({ records, pollMs: 20 }),
      announce: { shared: announce, interactive: announce },
      inSpan: createConsumerSpans(),
      logger: silent,
    });
    jobs = new FetcherJobs({
      runner,
      connection,
      concurrency: 2,
      logger: silent as unknown as Logger,
    });
    jobs.start();
  };
  const submit = async (): Promise<string> => {
    const id = newJobId();
    await records.begin(id, { team: 'desk', order });
    await queue.add('fetch', order, { jobId: id });
    return id;
  };
  const ended = async (id: string) => {
    for (;;) {
      const { end } = (await records.read(id)) ?? {};
      if (end && (await queue.getJobState(id)) === 'failed') return end;
      await new Promise((on) => setTimeout(on, 5));
    }
  };
  const untilAborted = ({ signal }: FetchOrder): Promise<never> =>
    new Promise((_, reject) => {
      const stop = () => reject(signal.reason as Error);
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop);
    });

  it('that is cancelled while it runs stops, and ends as cancelled, once', async () => {
    const taken = Promise.withResolvers<void>();
    start((order) => {
      taken.resolve();
      return untilAborted(order);
    });
    const id = await submit();
    await taken.promise;
    expect(await records.requestCancel(id)).toBe('open');
    expect(await ended(id)).toMatchObject({
      state: 'cancelled',
      attempts: 1,
      failure: { kind: 'cancelled' },
    });
    expect((await queue.getJob(id))?.failedReason).toMatch(/^cancelled: /);
    expect(told).toMatchObject([{ jobId: id, state: 'failed' }]);
  });

  it('that was cancelled before it began takes no permit', async () => {
    const id = await submit();
    await records.requestCancel(id);
    start(untilAborted);
    expect(await ended(id)).toMatchObject({ state: 'cancelled' });
  });

  it('has its end in its record before anybody is told', async () => {
    const id = await submit();
    const ends: unknown[] = [];
    const subscriber = server.client();
    await subscriber.subscribe('{coinglass}:outcomes');
    subscriber.on('message', () => void records.read(id).then((record) => ends.push(record?.end)));
    start(() => Promise.reject(new Error('a bug')));
    expect(await ended(id)).toMatchObject({ state: 'failed', failure: { kind: 'internal' } });
    while (ends.length === 0) await new Promise((on) => setTimeout(on, 5));
    expect(ends).toMatchObject([{ state: 'failed' }]);
  });

  it('is told of, and one under an id that the house cannot have drawn is not', async () => {
    start(() => Promise.reject(new Error('a bug')));
    const drawn = await submit();
    await queue.add('fetch', order, { jobId: 'a-producers-own' });
    await ended(drawn);
    while ((await queue.getJobState('a-producers-own')) !== 'failed')
      await new Promise((on) => setTimeout(on, 5));
    expect(await redis.keys(redisKeys.outcome('*'))).toEqual([redisKeys.outcome(drawn)]);
  });
});
