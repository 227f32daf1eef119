import Bottleneck from 'bottleneck';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { createRedisRateLimiter } from '@glasshouse/rate-limiter';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * @typedef {object} Terms
 * @property {string} redisUrl
 * @property {number} limit
 * @property {number} windowMs
 * @property {number} concurrent jobs at once in this process
 * @property {number} endAt epoch ms
 *
 * @typedef {(inTurn: (send: () => Promise<number>) => Promise<number>) => Promise<void>} Job
 * @typedef {(terms: Terms, job: Job) => Promise<void>} Contestant does jobs until the end, as many at once as told
 */

/** @param {Terms} terms @param {() => Promise<void>} once */
const loops = async ({ concurrent, endAt }, once) => {
  const one = async () => {
    while (Date.now() < endAt) await once();
  };
  await Promise.all(Array.from({ length: concurrent }, one));
};

/** @type {Contestant} */
const ours = async (terms, job) => {
  const { redisUrl, limit, windowMs, endAt } = terms;
  const limiter = createRedisRateLimiter({
    redis: new Redis(redisUrl),
    upstream: 'http://vendor.bench',
    keyDigest: 'bench',
    limit,
    windowMs,
  });
  await limiter.declareEpoch();
  await limiter.start();
  const signal = AbortSignal.timeout(Math.max(1, endAt - Date.now()));
  const ask = {
    lane: /** @type {const} */ ('interactive'),
    arm: 'bench',
    team: { id: 'bench', weight: 1 },
    signal,
  };
  await loops(terms, () =>
    job(async (send) => {
      const permit = await limiter.take({ ...ask, waitMaxMs: 2 * windowMs });
      if (!('settle' in permit)) return delay(Math.min(permit.waitMs, windowMs), 0);
      const status = await send();
      if (status === 429) await limiter.pause(permit);
      permit.settle({ kind: 'answered', succeeded: status === 200 });
      return status;
    }),
  );
};

/** @type {Contestant} */
const bullmq = async ({ redisUrl, limit, windowMs, concurrent, endAt }, job) => {
  const worker = new Worker('bench', () => job((send) => send()), {
    connection: new Redis(redisUrl, { maxRetriesPerRequest: null }),
    concurrency: concurrent,
    limiter: { max: limit, duration: windowMs },
    removeOnComplete: { count: 0 },
  });
  worker.on('error', () => undefined);
  await delay(Math.max(0, endAt - Date.now()));
};

/** @type {Contestant} */
const rateLimiterFlexible = async (terms, job) => {
  const limiter = new RateLimiterRedis({
    storeClient: new Redis(terms.redisUrl),
    points: terms.limit,
    duration: terms.windowMs / 1_000,
  });
  await loops(terms, () =>
    job(async (send) => {
      while (Date.now() < terms.endAt) {
        const no = await limiter.consume('vendor').then(
          () => undefined,
          (/** @type {unknown} */ refused) => refused,
        );
        if (no === undefined) return send();
        if (!(no instanceof RateLimiterRes)) throw no;
        await delay(no.msBeforeNext);
      }
      return 0;
    }),
  );
};

/** Its reservoir is refreshed at a heartbeat, by default every 5 s: here often, so that it is not judged by that. @type {Contestant} */
const bottleneck = async (terms, job) => {
  const limiter = new Bottleneck({
    id: 'vendor',
    datastore: 'ioredis',
    Redis,
    clientOptions: { host: '127.0.0.1', port: Number(new URL(terms.redisUrl).port) },
    heartbeatInterval: 250,
    reservoir: terms.limit,
    reservoirRefreshAmount: terms.limit,
    reservoirRefreshInterval: terms.windowMs,
  });
  limiter.on('error', () => undefined);
  await loops(terms, () => job((send) => limiter.schedule(send)));
};

/** @type {Record<string, Contestant>} */
export const contestants = {
  'our limiter': ours,
  "BullMQ's limiter": bullmq,
  'rate-limiter-flexible': rateLimiterFlexible,
  bottleneck,
};

/**
 * BullMQ's jobs must be in its queue before; everybody else has no end of them.
 * @param {Redis} redis
 * @param {number} count
 */
export const fillQueue = async (redis, count) => {
  const queue = new Queue('bench', { connection: redis });
  await queue.addBulk(Array.from({ length: count }, () => ({ name: 'job', data: {} })));
  await queue.close();
};
