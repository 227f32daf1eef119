import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openQueue } from '@glasshouse/fetch-queue';
import { PrivateRedis } from '@glasshouse/private-redis';
import { cpuUsOf, openHouse } from '../house.mjs';
import { usageOf } from '../redis-usage.mjs';
import { interleaved, medianRatio } from '../rounds.mjs';
import { median, start } from '../running.mjs';
import { table } from '../table.mjs';

const consumer = fileURLToPath(new URL('consumer.mjs', import.meta.url));
/** Its answer is fresh for minutes: the whole fetcher finds it in the store, and no job costs a request. */
const job = { v: 1, endpoint: 'etf/bitcoin/flow-history' };
const lookMs = 10;

/** @typedef {{ redis: import('ioredis').Redis, pid: number | undefined }} Consumer */

/**
 * Adds jobs while the queue is paused, lets go, and waits until all have ended.
 * @param {Consumer} consumer
 * @param {number} count
 */
const run = async ({ redis, pid }, count) => {
  const queue = openQueue('shared', redis);
  try {
    await queue.clean(0, 1e6, 'completed');
    await queue.pause();
    await queue.addBulk(Array.from({ length: count }, () => ({ name: 'bench', data: job })));
    const cpuBefore = cpuUsOf(pid);
    let tookMs = 0;
    const usage = await usageOf(redis, async () => {
      const from = performance.now();
      await queue.resume();
      while ((await queue.getCompletedCount()) < count) {
        if (performance.now() - from > 60_000) throw new Error('the jobs do not end');
        await delay(lookMs);
      }
      tookMs = performance.now() - from;
    });
    return {
      perSecond: (count / tookMs) * 1_000,
      cpuUs: (cpuUsOf(pid) - cpuBefore) / count,
      redisUs: usage.cpuUs / count,
      commands: usage.commands / count,
    };
  } finally {
    await queue.close();
  }
};

/** @param {'bare' | 'stack'} kind */
const openConsumer = async (kind) => {
  const server = await PrivateRedis.started();
  const running = start(process.execPath, [consumer, kind, server.url]);
  return {
    redis: server.client(),
    pid: running.child.pid,
    stop: async () => {
      await running.stop();
      await server.stop();
    },
  };
};

/**
 * Jobs of the shared queue through the fetcher's workers beside a bare BullMQ worker, 16 at once each.
 * @param {{ rounds: number, jobs: number }} size
 */
export const measureJobs = async ({ rounds, jobs }) => {
  const house = await openHouse({ vendorLatencyMs: 0 });
  const consumers = [await openConsumer('bare'), await openConsumer('stack')];
  const [bare, stack] = /** @type {[Consumer, Consumer]} */ (/** @type {unknown} */ (consumers));
  const whole = { redis: house.redis.client(), pid: house.fetcher.child.pid };
  const contestants = {
    'bare BullMQ worker': () => run(bare, jobs),
    'our workers, a desk that answers at once': () => run(stack, jobs),
    'the whole fetcher, answers in the store': () => run(whole, jobs),
  };
  try {
    for (let warm = 0; warm < 3; warm += 1)
      for (const each of Object.values(contestants)) await each();
    const measured = await interleaved(rounds, contestants);
    const base = measured['bare BullMQ worker'] ?? [];
    return table(
      ['', 'jobs/s', 'time', 'consumer µs', 'ratio', 'Redis µs', 'ratio', 'commands'],
      Object.entries(measured).map(([name, figures]) => {
        /** @param {'perSecond' | 'cpuUs' | 'redisUs' | 'commands'} what @param {typeof base} of */
        const all = (what, of = figures) => of.map((round) => round[what]);
        return [
          name,
          median(all('perSecond')).toFixed(0),
          medianRatio(all('perSecond', base), all('perSecond')).toFixed(2),
          median(all('cpuUs')).toFixed(0),
          medianRatio(all('cpuUs'), all('cpuUs', base)).toFixed(2),
          median(all('redisUs')).toFixed(0),
          medianRatio(all('redisUs'), all('redisUs', base)).toFixed(2),
          median(all('commands')).toFixed(0),
        ];
      }),
    );
  } finally {
    for (const each of consumers) await each.stop();
    await house.stop();
  }
};
