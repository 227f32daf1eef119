import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { PrivateRedis } from '@glasshouse/private-redis';
import { createRedisRateLimiter } from '@glasshouse/rate-limiter';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import { usageOf } from '../redis-usage.mjs';
import { interleaved, medianRatio } from '../rounds.mjs';
import { median } from '../running.mjs';
import { table } from '../table.mjs';
import { createBareLease } from './bare-lease.mjs';

/** Slots fall free faster than they are asked for, and about a hundred are taken: a house that is busy, not saturated. */
const calm = { limit: 250, windowMs: 30, leaseMs: 30_000 };
/** Each asks for one permit after the other, as a process of its own would: no two of them share a script call. */
const askers = 16;
/** Between the answer to one request and the asking for the next. */
const betweenMs = 3;
/** What a settlement may wait at CoinGlass's window of a minute; it would be less by as much as the bench's window is shorter. */
const rideMs = 20;
const team = { id: 'bench', weight: 1 };

/** @param {import('ioredis').Redis} redis @param {{ limit: number, windowMs: number, leaseMs: number, settlementRideMs?: number }} terms */
export const openLimiter = async (redis, terms) => {
  const limiter = createRedisRateLimiter({
    redis,
    upstream: 'http://vendor.bench',
    keyDigest: 'bench',
    ...terms,
  });
  await limiter.declareEpoch();
  await limiter.start();
  return limiter;
};

/**
 * One request of one asker. Resolves when the permit is there; what it resolves to settles it.
 * @typedef {(asker: number) => Promise<() => unknown>} Request
 */

/**
 * @param {import('ioredis').Redis} redis
 * @param {Record<'riding' | 'alone', Awaited<ReturnType<typeof openLimiter>>[]>} limiters one for each asker, whose settlements travel with the next grant or by themselves
 * @returns {Record<string, Request>}
 */
const contestants = (redis, limiters) => {
  const lease = createBareLease(redis, { key: '{bare}:slots', ...calm });
  const flexible = new RateLimiterRedis({ storeClient: redis, points: 1e9, duration: 60 });
  const { signal } = new AbortController();
  setMaxListeners(0, signal);
  const nothing = () => undefined;
  /** @param {keyof typeof limiters} kind @returns {Request} */
  const ours = (kind) => async (asker) => {
    const ask = { lane: /** @type {const} */ ('interactive'), arm: 'bench', team, signal };
    const limiter = /** @type {typeof limiters.alone[0]} */ (limiters[kind][asker]);
    const permit = await limiter.take({ ...ask, waitMaxMs: 1_000 });
    if (!('settle' in permit)) throw new Error(`no permit: ${permit.because}`);
    return () =>
      permit.settle({ kind: 'answered', succeeded: true, quota: { used: 1, limit: 250 } });
  };
  return {
    'bare slot lease': async () => {
      const id = await lease.take();
      return () => lease.done(id);
    },
    'our limiter': ours('riding'),
    'our limiter, settlements by themselves': ours('alone'),
    'rate-limiter-flexible': async () => {
      await flexible.consume('key');
      return nothing;
    },
    PING: async () => {
      await redis.ping();
      return nothing;
    },
  };
};

/**
 * What so many requests cost Redis, and how long each waited for its grant.
 * @param {Request} request
 * @param {import('ioredis').Redis} redis
 * @param {number} requests
 */
const measure = async (request, redis, requests) => {
  /** @type {number[]} */
  const tookUs = [];
  const askInTurn = async (/** @type {number} */ asker) => {
    for (let n = 0; n < requests / askers; n += 1) {
      const from = performance.now();
      const settle = await request(asker);
      tookUs.push((performance.now() - from) * 1_000);
      settle();
      await delay(betweenMs);
    }
  };
  const usage = await usageOf(redis, () =>
    Promise.all(Array.from({ length: askers }, (_, asker) => askInTurn(asker))),
  );
  return { usage, tookUs: median(tookUs), requests: tookUs.length };
};

/** @param {{ rounds: number, requests: number }} size */
export const measurePermitCost = async ({ rounds, requests }) => {
  const server = await PrivateRedis.started();
  try {
    const redis = server.client();
    /** @type {Parameters<typeof contestants>[1]} */
    const limiters = { riding: [], alone: [] };
    for (let n = 0; n < askers; n += 1) {
      limiters.riding.push(await openLimiter(redis, { ...calm, settlementRideMs: rideMs }));
      limiters.alone.push(await openLimiter(redis, { ...calm, settlementRideMs: 0 }));
    }
    const all = Object.entries(contestants(redis, limiters));
    for (const [, request] of all) await measure(request, redis, requests);
    const measured = await interleaved(
      rounds,
      Object.fromEntries(
        all.map(([name, request]) => [name, () => measure(request, redis, requests)]),
      ),
    );
    await Promise.all(
      Object.values(limiters)
        .flat()
        .map((limiter) => limiter.close()),
    );
    return measured;
  } finally {
    await server.stop();
  }
};

/** @param {Awaited<ReturnType<typeof measurePermitCost>>} measured */
export const permitCostTable = (measured) => {
  /** @param {string} name @param {'scriptUs' | 'cpuUs' | 'scripts'} what */
  const perRequest = (name, what) =>
    (measured[name] ?? []).map(({ usage, requests }) => usage[what] / requests);
  const bare = 'bare slot lease';
  return table(
    ['', 'script µs', 'ratio', 'Redis CPU µs', 'ratio', 'scripts', 'grant µs p50'],
    Object.entries(measured).map(([name, rounds]) => [
      name,
      median(perRequest(name, 'scriptUs')).toFixed(1),
      medianRatio(perRequest(name, 'scriptUs'), perRequest(bare, 'scriptUs')).toFixed(2),
      median(perRequest(name, 'cpuUs')).toFixed(0),
      medianRatio(perRequest(name, 'cpuUs'), perRequest(bare, 'cpuUs')).toFixed(2),
      median(perRequest(name, 'scripts')).toFixed(2),
      median(rounds.map(({ tookUs }) => tookUs)).toFixed(0),
    ]),
  );
};
