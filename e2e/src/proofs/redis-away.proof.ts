import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Queue } from 'bullmq';
import { House } from '../house.ts';
import { until } from '../processes.ts';
import { ample, jobOf, numberFrom, openSharedQueue, tell } from './load.ts';

const rounds = numberFrom('PROOF_REDIS_KILLS', 20);
const jobsPerRound = 20;
const backWithinMs = 5_000;

describe('a Redis with an append-only file that is killed', () => {
  let house: House;
  let queue: Queue;
  beforeEach(async () => {
    house = await House.start({
      ...ample,
      redis: { appendOnly: true },
      sandboxEnv: { ...ample.sandboxEnv, SANDBOX_LATENCY_MS: '100' },
    });
    queue = openSharedQueue(house);
  });
  afterEach(async () => {
    await queue.close();
    await house.stop();
  });

  it(`loses no acknowledged job in ${rounds} rounds, and work goes on within 5 s`, async () => {
    const acknowledged: string[] = [];
    const backMs: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const ids = Array.from({ length: jobsPerRound }, (_, n) => round * jobsPerRound + n + 1);
      for (const n of ids) {
        const { name, data, opts } = jobOf(n);
        await queue.add(name, data, opts);
        acknowledged.push(`j-${n}`);
        // In the midst of work: some done, some running, some waiting.
        if (n % jobsPerRound === jobsPerRound / 2) await new Promise((on) => setTimeout(on, 60));
      }
      await house.redis.kill();
      await new Promise((on) => setTimeout(on, 500 + Math.random() * 1_000));
      await house.redis.start();
      const startedAt = performance.now();
      const client = house.redis.client();
      await until('Redis has read its file', async () =>
        client.ping().then(
          () => true,
          () => false,
        ),
      );
      const completed = () => client.zcard('{coinglass}:coinglass-fetch:completed');
      const before = await completed();
      // Or there is none left: the fetcher may have heard of Redis before we did.
      await until(
        'a job is completed again',
        async () => before === acknowledged.length || (await completed()) > before,
        30_000,
      );
      backMs.push(performance.now() - startedAt);
      client.disconnect();
    }
    await until(
      'all have ended',
      async () => (await queue.getJobCountByTypes('completed', 'failed')) >= acknowledged.length,
      240_000,
    );
    const states = await Promise.all(acknowledged.map((id) => queue.getJobState(id)));
    const lost = acknowledged.filter((_, index) => states[index] !== 'completed');
    const sorted = backMs.toSorted((a, b) => a - b);
    const p95Ms = sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0;
    tell(
      `Redis kill -9 with AOF: ${rounds} rounds, ${acknowledged.length} acknowledged jobs, ${lost.length} lost; ` +
        `first completed job after its return: p50 ${Math.round(sorted[sorted.length >> 1] ?? 0)} ms, ` +
        `p95 ${Math.round(p95Ms)} ms, max ${Math.round(sorted.at(-1) ?? 0)} ms`,
    );
    expect(lost).toEqual([]);
    expect(p95Ms).toBeLessThan(backWithinMs);
  }, 1_200_000);
});
