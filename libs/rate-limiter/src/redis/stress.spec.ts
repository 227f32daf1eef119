import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import { setTimeout as sleep } from 'node:timers/promises';
import { maxInSlidingWindow } from '../testing/arrivals.ts';
import { createRedisRateLimiter } from './rate-limiter.ts';

const limit = 50;
const windowMs = 500;
const forMs = 2_000;

const describeWithRedis = redisIsHere ? describe : describe.skip;

describeWithRedis('three processes on a real Redis and its own clock', () => {
  let server: PrivateRedis;

  beforeAll(async () => {
    server = await PrivateRedis.started();
  });
  afterAll(() => server.stop());

  it('never exceed the limit in any sliding window, use it, and spare the store', async () => {
    const arrivals: number[] = [];
    const vendor = async (): Promise<void> => {
      await sleep(Math.random() * 6);
      arrivals.push(performance.now());
      await sleep(Math.random() * 6);
    };
    const limiters = [1, 2, 3].map(() =>
      createRedisRateLimiter({
        redis: server.client(),
        upstream: 'https://vendor.example',
        keyDigest: 'stress',
        limit,
        windowMs,
        leaseMs: 20_000,
      }),
    );
    await limiters[0]!.declareEpoch();
    await Promise.all(limiters.map((limiter) => limiter.start()));

    const { signal } = new AbortController();
    const endsAt = performance.now() + forMs;
    const work = async (limiter: (typeof limiters)[number]): Promise<void> => {
      while (performance.now() < endsAt) {
        const taken = await limiter.take({
          lane: 'interactive',
          arm: 'baseline',
          team: { id: 'alpha', weight: 1 },
          signal,
          waitMaxMs: 2_000,
        });
        if ('waitMs' in taken) await sleep(taken.waitMs);
        else if (!taken.isFresh()) taken.settle({ kind: 'never-sent' });
        else {
          await vendor();
          taken.settle({ kind: 'answered', succeeded: true });
        }
      }
    };
    await Promise.all(
      limiters.flatMap((limiter) => Array.from({ length: 20 }, () => work(limiter))),
    );
    await Promise.all(limiters.map((limiter) => limiter.close()));
    const info = await server.client().info('commandstats');

    const calls = Number(/cmdstat_evalsha:calls=(\d+)/.exec(info)?.[1]);
    expect(maxInSlidingWindow(arrivals, windowMs)).toBeLessThanOrEqual(limit);
    // On a busy machine timers are late, so use and calls are judged mildly; the simulation judges them strictly.
    expect(arrivals.length).toBeGreaterThan(0.75 * limit * (forMs / windowMs));
    expect(calls / arrivals.length).toBeLessThan(3);
  });
});
