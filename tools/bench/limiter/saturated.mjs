import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { PrivateRedis } from '@glasshouse/private-redis';
import { usageOf } from '../redis-usage.mjs';
import { interleaved, medianRatio } from '../rounds.mjs';
import { median } from '../running.mjs';
import { table } from '../table.mjs';
import { createBareLease } from './bare-lease.mjs';
import { openLimiter } from './permit-cost.mjs';

const terms = { limit: 250, windowMs: 1_000, leaseMs: 30_000 };
/** How long the vendor takes. */
const holdMs = 5;
/** Several teams, since sharing between them is part of the cost. */
const teams = ['red', 'green', 'blue', 'grey'].map((id, n) => ({ id, weight: n + 1 }));

/**
 * @typedef {object} Waiters how many wait at once, spread evenly over so many processes
 * @property {number} waiters
 * @property {number} processes
 */

/**
 * More is asked for than the limit allows, all the time: what one request costs Redis then.
 * @param {(signal: AbortSignal, n: number) => Promise<() => unknown>} take
 * @param {import('ioredis').Redis} redis
 * @param {{ waiters: number, forMs: number }} load
 */
const saturate = async (take, redis, { waiters, forMs }) => {
  const end = new AbortController();
  setMaxListeners(0, end.signal);
  let requests = 0;
  const one = async (/** @type {number} */ n) => {
    while (!end.signal.aborted) {
      const settle = await take(end.signal, n);
      requests += 1;
      await delay(holdMs);
      settle();
    }
  };
  const all = Array.from({ length: waiters }, (_, n) =>
    one(n).catch((thrown) => {
      if (!end.signal.aborted) throw thrown;
    }),
  );
  await delay(terms.windowMs);
  const before = requests;
  const usage = await usageOf(redis, () => delay(forMs));
  const served = requests - before;
  end.abort();
  await Promise.all(all);
  return { requests: served, usage };
};

/** @param {{ rounds: number, forMs: number, loads: readonly Waiters[] }} size */
export const measureSaturated = async ({ rounds, forMs, loads }) => {
  const server = await PrivateRedis.started();
  const redis = server.client();
  /** @param {Waiters} load */
  const ours = async ({ waiters, processes }) => {
    await redis.flushall();
    const limiters = [];
    for (let n = 0; n < processes; n += 1) limiters.push(await openLimiter(server.client(), terms));
    const figures = await saturate(
      async (signal, n) => {
        const limiter = limiters[n % processes];
        const team = teams[n % teams.length];
        if (!limiter || !team) throw new Error('no limiter');
        const permit = await limiter.take({
          lane: 'interactive',
          arm: 'bench',
          team,
          signal,
          waitMaxMs: 60_000,
        });
        if (!('settle' in permit)) throw new Error(`no permit: ${permit.because}`);
        return () => permit.settle({ kind: 'answered', succeeded: true });
      },
      redis,
      { waiters, forMs },
    );
    await Promise.all(limiters.map((limiter) => limiter.close()));
    return figures;
  };
  /** @param {Waiters} load */
  const bare = async ({ waiters }) => {
    await redis.flushall();
    const lease = createBareLease(redis, { key: '{bare}:slots', ...terms });
    return saturate(
      async (signal) => {
        const id = await lease.take(signal);
        return () => lease.done(id);
      },
      redis,
      { waiters, forMs },
    );
  };
  try {
    /** @type {{ load: Waiters, ours: Awaited<ReturnType<typeof ours>>[], bare: Awaited<ReturnType<typeof bare>>[] }[]} */
    const measured = [];
    for (const load of loads) {
      const { ours: one = [], bare: other = [] } = await interleaved(rounds, {
        ours: () => ours(load),
        bare: () => bare(load),
      });
      measured.push({ load, ours: one, bare: other });
    }
    return measured;
  } finally {
    await server.stop();
  }
};

/** @param {Awaited<ReturnType<typeof measureSaturated>>} measured @param {number} forMs of each round */
export const saturatedTable = (measured, forMs) => {
  /** @param {{ usage: import('../redis-usage.mjs').Usage, requests: number }[]} figures @param {'scripts' | 'scriptUs' | 'cpuUs'} what */
  const per = (figures, what) => figures.map(({ usage, requests }) => usage[what] / requests);
  return table(
    [
      'who wait',
      'requests/s',
      'scripts per request',
      '(bare)',
      'script µs',
      'ratio',
      'Redis CPU µs',
      'ratio',
    ],
    measured.map(({ load, ours, bare }) => [
      load.processes > 1 ? `${load.waiters} in ${load.processes} processes` : String(load.waiters),
      median(ours.map(({ requests }) => (requests / forMs) * 1_000)).toFixed(0),
      median(per(ours, 'scripts')).toFixed(2),
      median(per(bare, 'scripts')).toFixed(2),
      median(per(ours, 'scriptUs')).toFixed(1),
      medianRatio(per(ours, 'scriptUs'), per(bare, 'scriptUs')).toFixed(2),
      median(per(ours, 'cpuUs')).toFixed(0),
      medianRatio(per(ours, 'cpuUs'), per(bare, 'cpuUs')).toFixed(2),
    ]),
  );
};
