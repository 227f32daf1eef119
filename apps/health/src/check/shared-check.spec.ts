import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { reportOf, type CheckReport } from './report.ts';
import type { RowResult } from './result.ts';
import { SharedCheck, type SharedCheckOptions } from './shared-check.ts';
import type { RunTerms } from './start-check.ts';

const row: RowResult = { name: 'only', subject: 'request', verdict: 'pass', durationMs: 1 };
const untaken: RowResult = { ...row, verdict: 'fail', kind: 'not-taken' };

(redisIsHere ? describe : describe.skip)('the check of all instances', () => {
  let server: PrivateRedis;
  let redis: ReturnType<PrivateRedis['client']>;

  beforeAll(async () => {
    server = await PrivateRedis.started();
    redis = server.client();
  });
  afterAll(() => server.stop());
  beforeEach(() => redis.flushall());

  /** What all instances have in common: how many runs there were, on what terms, and what holds them up. */
  const runs: { terms: RunTerms[]; until: Promise<unknown>; rows: RowResult[] } = {
    terms: [],
    until: Promise.resolve(),
    rows: [row],
  };
  beforeEach(() => {
    Object.assign(runs, { terms: [], until: Promise.resolve(), rows: [row] });
  });

  const instance = (more: Partial<SharedCheckOptions> = {}): SharedCheck => {
    const run = async (terms: RunTerms = {}): Promise<CheckReport> => {
      runs.terms.push(terms);
      const startedAtMs = Date.now();
      await runs.until;
      return reportOf(runs.rows, { startedAtMs, finishedAtMs: Date.now(), version: '0.1.0' });
    };
    return new SharedCheck({
      check: { run },
      redis,
      redisReady: () => Promise.resolve(true),
      redisLabel: 'redis://here',
      about: ['https://vendor.test', 'standard'],
      lookAgainMs: 2,
      ...more,
    });
  };
  const lockIsHeld = async (): Promise<void> => {
    while ((await redis.keys('{coinglass}:check:v1:*:lock')).length === 0) await aMoment();
  };
  const aMoment = () => new Promise((resolve) => setTimeout(resolve, 2));

  it('runs once for twenty that ask at once, and gives all of them its result', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    runs.until = promise;
    const asked = Array.from({ length: 20 }, () => instance().run());
    await lockIsHeld();
    resolve();
    const results = await Promise.all(asked);
    expect(runs.terms).toHaveLength(1);
    expect(new Set(results.map(({ report }) => report.startedAt)).size).toBe(1);
    expect(results.filter(({ from }) => from === 'own-run')).toHaveLength(1);
  });

  it('costs one run for ten restarts, and says how old its result is', async () => {
    for (let restart = 0; restart < 10; restart += 1) await instance().run();
    expect(runs.terms).toHaveLength(1);
    const later = instance({ now: () => Date.now() + 180_000 });
    const { from, ageMs } = await later.run();
    expect(from).toBe('earlier-run');
    expect(ageMs).toBeGreaterThanOrEqual(180_000);
    const [last] = await redis.keys('{coinglass}:check:v1:*:last');
    expect(await redis.pttl(last!)).toBeGreaterThan(590_000);
  });

  it('asks anew when told to, but joins a run that is under way', async () => {
    await instance().run();
    await instance().run({ fresh: true });
    expect(runs.terms).toHaveLength(2);

    const { promise, resolve } = Promise.withResolvers<void>();
    runs.until = promise;
    const first = instance().run({ fresh: true });
    await lockIsHeld();
    const second = instance().run({ fresh: true });
    await aMoment();
    resolve();
    expect((await Promise.all([first, second])).map(({ from }) => from)).toEqual([
      'own-run',
      'joined-run',
    ]);
    expect(runs.terms).toHaveLength(3);
  });

  it('asks anew once the result is no longer kept', async () => {
    const shortLived = instance({ keptMs: 1 });
    await shortLived.run();
    while ((await shortLived.last()) !== undefined) await aMoment();
    await shortLived.run();
    expect(runs.terms).toHaveLength(2);
  });

  it('keeps no result that could not be asked for, but tells those who waited', async () => {
    runs.rows = [untaken];
    const { promise, resolve } = Promise.withResolvers<void>();
    runs.until = promise;
    const asked = [instance().run(), instance().run()];
    await lockIsHeld();
    await aMoment();
    resolve();
    for (const { report } of await Promise.all(asked)) {
      expect(report.obstacle).toBe('no-fetcher');
    }
    expect(runs.terms).toHaveLength(1);
    await instance().run();
    expect(runs.terms).toHaveLength(2);
  });

  it('takes over from a runner that died', async () => {
    runs.until = new Promise(() => undefined);
    const dying = instance({ lockMs: 20 });
    void dying.run();
    await lockIsHeld();
    const [lock] = await redis.keys('{coinglass}:check:v1:*:lock');
    await redis.set(lock!, 'a process that is no more', 'PX', 20);
    runs.until = Promise.resolve();
    expect(await instance().run()).toMatchObject({ from: 'own-run' });
    expect(runs.terms).toHaveLength(2);
  });

  it('asks for single rows anew, after whoever runs, and leaves no result', async () => {
    await instance().run();
    const { promise, resolve } = Promise.withResolvers<void>();
    runs.until = promise;
    const whole = instance().run({ fresh: true });
    await lockIsHeld();
    const part = instance().run({ only: ['only'] });
    await aMoment();
    expect(runs.terms).toHaveLength(2);
    resolve();
    const { report } = await whole;
    expect((await part).from).toBe('own-run');
    expect(runs.terms.map(({ only }) => only)).toEqual([undefined, undefined, ['only']]);
    expect((await instance().last())?.report).toEqual(report);
  });

  it('keeps apart what is about another upstream or plan', async () => {
    await instance().run();
    await instance({ about: ['https://vendor.test', 'startup'] }).run();
    expect(runs.terms).toHaveLength(2);
  });

  it('believes nothing that is no report', async () => {
    await instance().run();
    const [last] = await redis.keys('{coinglass}:check:v1:*:last');
    for (const text of ['no json', '{"verdict":"pass"}', 'null']) {
      await redis.set(last!, text);
      expect(await instance().last()).toBeUndefined();
    }
  });

  it('asks nothing when Redis is away, and says so', async () => {
    const away = instance({ redisReady: () => Promise.resolve(false) });
    expect(await away.run()).toMatchObject({ from: 'own-run' });
    expect(runs.terms[0]?.redisAway?.message).toBe('redis://here cannot be reached');
  });
});
