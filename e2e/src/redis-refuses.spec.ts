import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { House } from './house.ts';
import { until } from './processes.ts';

/** Told by who wants a long proof: then it is also waited for the end of every job, which takes a lock's life and a check. */
const proofSeconds = process.env['PROOF_SECONDS'];
const seconds = Number(proofSeconds ?? 5);
const linesPerSecondMax = 10;
const cpuShareMax = 0.05;
/** Linux counts a process's time in hundredths of a second. */
const ticksPerSecond = 100;

/** Seconds of processor time a process has used. */
const cpuSecondsOf = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
};

describe.each([
  {
    what: 'is read-only',
    refuse: (redis: Redis) => redis.replicaof('127.0.0.1', 1),
    relent: (redis: Redis) => redis.replicaof('NO', 'ONE'),
  },
  {
    what: 'is full',
    refuse: (redis: Redis) => redis.config('SET', 'maxmemory', 1),
    relent: (redis: Redis) => redis.config('SET', 'maxmemory', 0),
  },
])('a Redis that $what', ({ refuse, relent }) => {
  let house: House;
  let queue: Queue;
  beforeAll(async () => {
    house = await House.start({ sandboxEnv: { SANDBOX_LATENCY_MS: '300' } });
    const connection = { host: '127.0.0.1', port: house.redis.port };
    queue = new Queue('coinglass-fetch', { connection, prefix: '{coinglass}' });
    queue.on('error', () => undefined);
    await house.get('/advanced/pairs/futures');
  });
  afterAll(async () => {
    await queue?.close();
    await house.stop();
  });

  it('is left in peace by the fetcher, which loses no job and goes on when it may', async () => {
    const admin = house.redis.client();
    const jobs = Array.from({ length: 40 }, (_, n) => ({
      name: 'any',
      data: {
        v: 1,
        endpoint: 'futures/open-interest/history',
        params: { exchange: 'OKX', symbol: 'SOL-USDT-SWAP', interval: '4h', limit: n + 1 },
      },
    }));
    await queue.addBulk(jobs);
    await until('jobs are under way', async () => (await queue.getActiveCount()) > 0);
    const { child, output } = house.fetchers[0]!;
    await refuse(admin);
    // What was under way when it began is told once each; it is what follows that must not grow.
    await new Promise((on) => setTimeout(on, 2_000));
    const before = { lines: output().split('\n').length, cpuS: cpuSecondsOf(child.pid!) };
    await new Promise((on) => setTimeout(on, seconds * 1_000));
    const lines = output().split('\n').length - before.lines;
    const cpuS = cpuSecondsOf(child.pid!) - before.cpuS;
    await relent(admin);
    process.stdout.write(
      `in ${seconds} s: ${lines} log lines, ${((100 * cpuS) / seconds).toFixed(1)} % CPU\n`,
    );
    expect(lines / seconds).toBeLessThanOrEqual(linesPerSecondMax);
    expect(cpuS / seconds).toBeLessThanOrEqual(cpuShareMax);
    const completedBefore = await queue.getCompletedCount();
    await until(
      'a job is completed again',
      async () => (await queue.getCompletedCount()) > completedBefore,
      8_000,
    );
    const { failed, ...alive } = await queue.getJobCounts();
    expect(failed).toBe(0);
    expect(Object.values(alive).reduce((sum, count) => sum + count, 0)).toBe(jobs.length);
    if (proofSeconds === undefined) return;
    await until(
      'every job is completed',
      async () => (await queue.getCompletedCount()) === jobs.length,
      150_000,
    );
  }, 180_000);
});
