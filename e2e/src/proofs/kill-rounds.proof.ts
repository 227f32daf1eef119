import { afterEach, describe, expect, it } from '@jest/globals';
import type { Queue } from 'bullmq';
import { House } from '../house.ts';
import { until } from '../processes.ts';
import { SupervisedFetcher } from '../supervised-fetcher.ts';
import { TerminalWitness } from '../terminal-witness.ts';
import { ample, arrivalsOf, jobOf, numberFrom, openSharedQueue, tell } from './load.ts';

const killRounds = numberFrom('PROOF_KILLS', 100);
const stopRounds = numberFrom('PROOF_STOPS', 50);
const jobsPerRound = 10;
/** A lock lives for 30 s, and who looks for lost ones looks every 15 s. */
const lockAndCheckMs = 50_000;
/** As long as a request may be under way before a kill that made it be paid for again: latency and a busy machine. */
const inFlightMs = 2_000;

describe('the queue, when its workers die', () => {
  let house: House;
  let queue: Queue;
  let fetchers: SupervisedFetcher[] = [];
  let witness: TerminalWitness;

  const setUp = async (latencyMs: number, count: number): Promise<void> => {
    house = await House.start({
      ...ample,
      sandboxEnv: { ...ample.sandboxEnv, SANDBOX_LATENCY_MS: String(latencyMs) },
    });
    await house.fetchers[0]?.stop();
    queue = openSharedQueue(house);
    fetchers = Array.from({ length: count }, () => new SupervisedFetcher(house));
    await Promise.all(fetchers.map((fetcher) => fetcher.start()));
    witness = new TerminalWitness(house.redis.client());
    witness.start();
  };
  afterEach(async () => {
    await Promise.all(fetchers.map((fetcher) => fetcher.stop()));
    await witness.stop();
    await queue.close();
    await house.stop();
  });
  const addRound = (round: number): Promise<unknown> =>
    queue.addBulk(
      Array.from({ length: jobsPerRound }, (_, n) => jobOf(round * jobsPerRound + n + 1)),
    );
  const allEnded = (jobs: number, withinMs: number): Promise<void> =>
    until(
      `${jobs} jobs have ended`,
      async () => (await queue.getJobCountByTypes('completed', 'failed')) >= jobs,
      withinMs,
    );
  const moreCompleted = async (count: number): Promise<void> => {
    const before = await queue.getCompletedCount();
    const enough = async () => (await queue.getCompletedCount()) >= before + count;
    await until(`${count} more jobs are completed`, enough, 60_000);
  };
  const working = (): Promise<void> =>
    until('jobs are under way', async () => (await queue.getActiveCount()) > 0, 60_000);

  it(`loses none, fails none and ends each once over ${killRounds} kill -9`, async () => {
    await setUp(150, 2);
    const jobs = killRounds * jobsPerRound;
    const kills: number[] = [];
    for (let round = 0; round < killRounds; round += 1) {
      const victim = fetchers[round % 2]!;
      await victim.running();
      await addRound(round);
      // Work must get on between the kills, or nothing is proven but patience.
      await moreCompleted(jobsPerRound / 2);
      await new Promise((on) => setTimeout(on, Math.random() * 200));
      kills.push(Date.now());
      await victim.kill();
    }
    await allEnded(jobs, 600_000);
    const failed = await queue.getFailed();
    const arrivals = await arrivalsOf(house);
    const repaid = [...arrivals.values()].flatMap((times) => times.slice(0, -1));
    const unexplained = repaid.filter(
      (at) => !kills.some((killedAt) => at <= killedAt + 50 && at > killedAt - inFlightMs),
    );
    const ids = Array.from({ length: jobs }, (_, n) => `j-${n + 1}`);
    const notOnce = witness.notOnce(ids);
    tell(
      `kill -9: ${killRounds} rounds, ${jobs} jobs: ${jobs - (await queue.getCompletedCount())} lost, ` +
        `${failed.length} wrongly failed, ${notOnce.length} not ended exactly once, ` +
        `${repaid.length} requests repaid, ${unexplained.length} of them not in flight at a kill`,
    );
    expect({
      failed: failed.map(({ id, failedReason }) => [id, failedReason]),
      notOnce,
      unexplained,
    }).toEqual({ failed: [], notOnce: [], unexplained: [] });
    expect(arrivals.size).toBe(jobs);
  }, 1_800_000);

  it(`spends no attempt over ${stopRounds} SIGTERM under load, and each ends with 0 in 25 s`, async () => {
    await setUp(400, 1);
    const [fetcher] = fetchers as [SupervisedFetcher];
    const stops: { code: number | null; tookMs: number }[] = [];
    for (let round = 0; round < stopRounds; round += 1) {
      await fetcher.running();
      await addRound(round);
      await working();
      stops.push(await fetcher.terminate());
    }
    const jobs = stopRounds * jobsPerRound;
    await allEnded(jobs, 300_000);
    const completed = await queue.getCompleted(0, -1);
    const slowestMs = Math.max(...stops.map(({ tookMs }) => tookMs));
    const spent = completed.filter(
      ({ attemptsMade, stalledCounter }) => attemptsMade > 1 || stalledCounter > 0,
    );
    tell(
      `SIGTERM: ${stopRounds} rounds, ${jobs} jobs: ${jobs - completed.length} lost, ` +
        `${spent.length} with an attempt spent, ${stops.filter(({ code }) => code !== 0).length} exits other than 0, ` +
        `slowest ${Math.round(slowestMs)} ms`,
    );
    expect(completed.length).toBe(jobs);
    expect(spent.map(({ id }) => id)).toEqual([]);
    expect(stops.filter(({ code }) => code !== 0)).toEqual([]);
    expect(slowestMs).toBeLessThan(25_000);
  }, 1_800_000);

  it('ends each job once when a worker sleeps past its locks and wakes up', async () => {
    await setUp(1_500, 2);
    const [sleeper] = fetchers as [SupervisedFetcher];
    const { child } = await sleeper.running();
    const ids = Array.from({ length: 2 * jobsPerRound }, (_, n) => `j-${n + 1}`);
    await addRound(0);
    await addRound(1);
    await working();
    child.kill('SIGSTOP');
    await new Promise((on) => setTimeout(on, lockAndCheckMs));
    child.kill('SIGCONT');
    await allEnded(ids.length, 120_000);
    const notOnce = witness.notOnce(ids);
    tell(
      `SIGSTOP for ${lockAndCheckMs / 1_000} s: ${ids.length} jobs: ${await queue.getCompletedCount()} completed, ` +
        `${notOnce.length} not ended exactly once`,
    );
    expect(notOnce).toEqual([]);
    expect(await queue.getFailedCount()).toBe(0);
    expect(child.exitCode).toBeNull();
  }, 300_000);
});
