import type { Queue } from 'bullmq';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import type { Redis } from 'ioredis';
import { AskLane } from './asks/ask-lane.ts';
import { FetchRequests } from './fetch-requests.ts';
import { redisKeys } from './keys.ts';
import { announce } from './outcomes/announce.ts';
import type { Outcome } from './outcomes/outcome.ts';
import { OutcomeWatch } from './outcomes/outcome-watch.ts';
import { jobNames, openQueue } from './queues.ts';

const job = { v: 1, endpoint: 'etf/bitcoin/list' } as const;
const soon = (ms: number): number => Date.now() + ms;
const result = { permits: 1, answerKey: 'v1.a' };
const until = async <T>(look: () => Promise<T | undefined>): Promise<T> => {
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await new Promise((on) => setTimeout(on, 5));
  }
};

interface Asker {
  ready(): Promise<Asker>;
  readonly requests: FetchRequests;
  readonly lane: AskLane;
  readonly shared: Queue;
  readonly watch: OutcomeWatch;
  close(): Promise<void>;
}

/** As producers connect: nothing waits for a Redis that is away. */
const failsFast = { enableOfflineQueue: false, commandTimeout: 500 };

const askerOn = (server: PrivateRedis, { pollMs = 50, deaf = false } = {}): Asker => {
  const redis = server.client(failsFast);
  const lane = new AskLane({ redis });
  const shared = openQueue('shared', redis);
  const watch = new OutcomeWatch({ redis, subscriber: server.client(failsFast), pollMs });
  if (!deaf) watch.start();
  const close = async (): Promise<void> => {
    watch.stop();
    await shared.close();
  };
  const requests = new FetchRequests({ lane, shared, watch });
  const asker: Asker = {
    requests,
    lane,
    shared,
    watch,
    close,
    ready: () =>
      until(() =>
        redis.ping().then(
          () => asker,
          () => undefined,
        ),
      ),
  };
  return asker;
};

(redisIsHere ? describe : describe.skip)('asking the fetcher', () => {
  let server: PrivateRedis;
  let redis: Redis;
  let asker: Asker;

  beforeAll(async () => {
    server = await PrivateRedis.started();
    redis = server.client();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    await redis.flushall();
    asker = await askerOn(server).ready();
  });
  afterEach(() => asker.close());

  const asksThere = async (): Promise<Record<string, string | undefined>[]> =>
    (await redis.xrange(redisKeys.asks, '-', '+')).map(([, fields]) =>
      Object.fromEntries(fields.flatMap((name, at) => (at % 2 ? [] : [[name, fields[at + 1]]]))),
    );
  const waiting = async (count = 1): Promise<string[]> =>
    until(async () => {
      const ids = (await asksThere()).map(({ job: id }) => id ?? '');
      return ids.length >= count ? ids : undefined;
    });
  const heard = () =>
    until(async () => ((await redis.pubsub('NUMSUB', redisKeys.outcomes))[1] ? true : undefined));
  const tell = (outcome: Outcome): Promise<void> => announce(redis, outcome);
  const answered = (jobId: string): Promise<void> =>
    tell({ jobId, state: 'answered', askedKey: 'v1.a', result });

  it('adds one job for a crowd in this process, each of which waits by its own deadline', async () => {
    const crowd = Array.from({ length: 50 }, () =>
      asker.requests.ask(job, { askId: 'a', deadlineAt: soon(5_000) }),
    );
    const hasty = asker.requests.ask(job, { askId: 'a', deadlineAt: soon(50) });
    const before = Number(
      /cmdstat_evalsha:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1] ?? 0,
    );
    await expect(hasty).rejects.toMatchObject({ kind: 'deadline-passed' });
    const [jobId] = await waiting();
    const after = Number(
      /cmdstat_evalsha:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1] ?? 0,
    );
    expect(after - before).toBeLessThanOrEqual(1);
    await answered(jobId ?? '');
    const coalesced = (await Promise.all(crowd)).filter((asked) => asked.coalesced);
    expect(coalesced).toHaveLength(49);
  });

  it('resolves to the outcome that was announced', async () => {
    const asked = asker.requests.ask(job, { askId: 'a', deadlineAt: soon(5_000) });
    const [jobId] = await waiting();
    await answered(jobId!);
    expect(await asked).toEqual({
      jobId,
      state: 'answered',
      askedKey: 'v1.a',
      result,
      coalesced: false,
    });
  });

  it("rejects with the job's own failure", async () => {
    const asked = asker.requests.ask(job, { askId: 'a', deadlineAt: soon(5_000) });
    asked.catch(() => undefined);
    const [jobId] = await waiting();
    const failure = {
      kind: 'plan-not-entitled',
      detail: 'Upgrade',
      upstream: { status: 200, code: '401' },
    } as const;
    await tell({ jobId: jobId!, state: 'failed', failure });
    await expect(asked).rejects.toMatchObject(failure);
  });

  it('gives up at the deadline and leaves the job to fill the store', async () => {
    const asked = asker.requests.ask(job, { askId: 'a', deadlineAt: soon(100) });
    await expect(asked).rejects.toMatchObject({ kind: 'deadline-passed' });
    expect(await asksThere()).toHaveLength(1);
  });

  it('makes one job of all who ask the same, and answers them all', async () => {
    const terms = { askId: 'a', deadlineAt: soon(5_000) };
    const first = asker.requests.ask(job, terms);
    const [jobId] = await waiting();
    const others = Array.from({ length: 20 }, () => asker.requests.ask(job, terms));
    const different = asker.requests.ask(job, { ...terms, askId: 'a.strict' });
    const ids = await waiting(2);
    await Promise.all(ids.map(answered));
    expect((await first).coalesced).toBe(false);
    expect((await different).coalesced).toBe(false);
    expect((await Promise.all(others)).map(({ jobId: id, coalesced }) => [id, coalesced])).toEqual(
      others.map(() => [jobId, true]),
    );
    expect(await asksThere()).toHaveLength(2);
  });

  it('finds the outcome by polling when the announcement was lost', async () => {
    const deaf = await askerOn(server, { deaf: true, pollMs: 20 }).ready();
    const asked = deaf.requests.ask(job, { askId: 'a', deadlineAt: soon(5_000) });
    const [jobId] = await waiting();
    await answered(jobId!);
    expect(await asked).toMatchObject({ jobId, state: 'answered' });
    await deaf.close();
  });

  it('hears an announcement without polling for it', async () => {
    const hearing = await askerOn(server, { pollMs: 60_000 }).ready();
    await heard();
    const asked = hearing.requests.ask(job, { askId: 'a', deadlineAt: soon(5_000) });
    const [jobId] = await waiting();
    await answered(jobId!);
    expect(await asked).toMatchObject({ jobId });
    await hearing.close();
  });

  it('finds an outcome that came before it listened', async () => {
    const slow = await askerOn(server, { deaf: true, pollMs: 60_000 }).ready();
    await slow.lane.add(job, { jobId: 'j-other', askId: 'a' });
    await answered('j-other');
    const asked = await slow.requests.ask(job, { askId: 'a', deadlineAt: soon(5_000) });
    expect(asked).toMatchObject({ jobId: 'j-other', coalesced: true });
    await slow.close();
  });

  it('gives up as soon as no permit can come before the deadline, and says when one may', async () => {
    const deadlineAt = soon(5_000);
    const asks = [
      asker.requests.ask(job, { askId: 'a', deadlineAt }),
      asker.requests.ask(job, { askId: 'b', deadlineAt }),
    ].map((each) => each.catch((thrown: unknown) => thrown));
    const [second, first] = await waiting(2);
    const resumesAt = soon(60_000);
    await tell({ jobId: first!, state: 'postponed', resumesAt, because: 'pause' });
    await tell({ jobId: second!, state: 'postponed', resumesAt, because: 'limit' });
    const failures = (await Promise.all(asks)) as { kind: string; retryAfterMs: number }[];
    expect(failures.map(({ kind }) => kind).sort()).toEqual(['queue-full', 'upstream-throttled']);
    for (const { retryAfterMs } of failures) expect(retryAfterMs).toBeGreaterThan(50_000);
  });

  it('goes on waiting through a postponement that ends in time', async () => {
    const asked = asker.requests.ask(job, { askId: 'a', deadlineAt: soon(5_000) });
    const [jobId] = await waiting();
    await tell({ jobId: jobId!, state: 'postponed', resumesAt: soon(100), because: 'limit' });
    await answered(jobId!);
    expect(await asked).toMatchObject({ state: 'answered' });
  });

  it('asks again itself when the job it joined ends before its own deadline does', async () => {
    await asker.lane.add(job, { jobId: 'j-old', askId: 'a' });
    const terms = { askId: 'a', deadlineAt: soon(5_000) };
    const adds = async (): Promise<number> =>
      Number(/cmdstat_evalsha:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1] ?? 0);
    const before = await adds();
    const asked = [asker.requests.ask(job, terms), asker.requests.ask(job, terms)];
    await until(async () => ((await adds()) > before ? true : undefined));
    const failure = { kind: 'deadline-passed', detail: 'too late' } as const;
    // Announced, and not yet ended in the lane: it still stands for the question.
    await tell({ jobId: 'j-old', state: 'failed', failure });
    const ids = await waiting(2);
    const jobId = ids.find((id) => id !== 'j-old')!;
    await answered(jobId);
    for (const answer of await Promise.all(asked)) expect(answer).toMatchObject({ jobId });
  });

  it('does not wait for an ask that is not there though something still stands for the question', async () => {
    await redis.set(redisKeys.question('a'), 'j-never 1-1', 'PX', 60_000);
    const asked = asker.requests.ask(job, { askId: 'a', deadlineAt: soon(5_000) });
    const [jobId] = await waiting();
    await answered(jobId!);
    expect(await asked).toMatchObject({ jobId });
  });

  it('is not shaken by what others publish or leave where outcomes lie', async () => {
    await heard();
    const asked = asker.requests.ask(job, { askId: 'a', deadlineAt: soon(5_000) });
    asked.catch(() => undefined);
    const [jobId] = await waiting();
    for (const garbage of [
      '',
      'nonsense',
      'null',
      '[]',
      '{"state":"answered"}',
      `{"jobId":"${jobId}","state":"failed"}`,
    ]) {
      await redis.set(redisKeys.outcome(jobId!), garbage);
      await redis.publish(redisKeys.outcomes, garbage);
    }
    const unknown = { jobId, state: 'failed', failure: { kind: 'from-the-future', detail: 'x' } };
    await redis.publish(redisKeys.outcomes, JSON.stringify(unknown));
    await expect(asked).rejects.toMatchObject({ kind: 'internal' });
  });

  it('refreshes on the shared queue without waiting, one job per question, and tells who wants to know', async () => {
    const outcomes: Outcome[] = [];
    const onEnd = (outcome: Outcome): void => void outcomes.push(outcome);
    await asker.requests.refresh(job, { askId: 'a', onEnd });
    await asker.requests.refresh(job, { askId: 'a', onEnd });
    const [jobId, ...more] = await until(async () => {
      const jobs = await asker.shared.getWaiting();
      expect(jobs.every(({ name }) => name === jobNames.refresh)).toBe(true);
      const ids = jobs.map(({ id }) => id ?? '');
      return ids.length > 0 ? ids : undefined;
    });
    expect(more).toEqual([]);
    await tell({ jobId: jobId!, state: 'postponed', resumesAt: soon(10), because: 'limit' });
    await answered(jobId!);
    await until(async () => (outcomes.length === 2 ? true : undefined));
    expect(outcomes.every(({ state }) => state === 'answered')).toBe(true);
  });

  it('carries the caller’s trace on to the job', async () => {
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    asker.requests
      .ask({ ...job, traceparent }, { askId: 'a', deadlineAt: soon(50) })
      .catch(() => undefined);
    await waiting();
    const [ask] = await asksThere();
    const data = JSON.parse(ask!['data']!) as { traceparent: string };
    expect(data.traceparent.slice(3, 35)).toBe('a'.repeat(32));
  });
});

(redisIsHere ? describe : describe.skip)('asking while Redis is away', () => {
  it('says so at once, from the start and later, and works when it is there', async () => {
    const server = await PrivateRedis.absent();
    const asker = askerOn(server);
    const refusedMs = async (): Promise<number> => {
      const before = performance.now();
      const asked = asker.requests.ask(job, { askId: 'a', deadlineAt: soon(5_000) });
      await expect(asked).rejects.toMatchObject({ kind: 'store-unavailable' });
      return performance.now() - before;
    };
    try {
      expect(await refusedMs()).toBeLessThan(600);
      await expect(
        asker.requests.refresh(job, { askId: 'a', onEnd: () => undefined }),
      ).rejects.toMatchObject({ kind: 'store-unavailable' });

      await server.start();
      const redis = server.client();
      await asker.ready();
      await until(async () =>
        (await redis.pubsub('NUMSUB', redisKeys.outcomes))[1] ? true : undefined,
      );
      const asked = asker.requests.ask(job, { askId: 'a', deadlineAt: soon(5_000) });
      const jobId = await until(async () => {
        const [ask] = await redis.xrange(redisKeys.asks, '-', '+');
        return ask?.[1][1];
      });
      await announce(redis, { jobId, state: 'answered', result });
      expect(await asked).toMatchObject({ jobId });

      await server.kill();
      expect(await refusedMs()).toBeLessThan(600);
    } finally {
      await asker.close();
      await server.stop();
    }
  });
});
