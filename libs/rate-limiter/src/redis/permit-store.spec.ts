import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import type { Redis } from 'ioredis';
import type { Permit, RateLimiter } from '../rate-limiter.ts';
import { permitKeys } from './keys.ts';
import { createRedisRateLimiter } from './rate-limiter.ts';

const describeWithRedis = redisIsHere ? describe : describe.skip;

describeWithRedis('the permit store on a real Redis', () => {
  const upstream = 'https://vendor.example';
  const keys = permitKeys(upstream, 'k1');
  let server: PrivateRedis;
  let redis: Redis;
  let limiter: RateLimiter;

  beforeAll(async () => {
    server = await PrivateRedis.started();
    redis = server.client();
  });
  afterAll(() => server.stop());

  beforeEach(async () => {
    await redis.flushall();
    limiter = createRedisRateLimiter({ redis, upstream, keyDigest: 'k1', limit: 5 });
    await limiter.declareEpoch();
    await limiter.start();
  });

  const take = () =>
    limiter.take({
      lane: 'interactive',
      arm: 'baseline',
      team: { id: 'alpha', weight: 1 },
      signal: new AbortController().signal,
      waitMaxMs: 0,
    });

  it('keeps two keys, with at most as many slots as the limit and one mark', async () => {
    await Promise.all(Array.from({ length: 20 }, take));
    expect((await redis.keys('*')).sort()).toEqual([keys.slots, keys.state]);
    expect(await redis.zcard(keys.slots)).toBe(5 + 1);
  });

  it('measures by the clock of Redis', async () => {
    const before = Number((await redis.time())[0]);
    await take();
    const [, score] = await redis.zrange(keys.slots, '0', '0', 'WITHSCORES');
    expect(Math.abs(Number(score) / 1000 - 90 - before)).toBeLessThan(5);
  });

  it.each(['slots', 'state'] as const)(
    'counts the state as lost when only %s is gone',
    async (key) => {
      await take();
      await redis.del(keys[key]);
      expect(await take()).toMatchObject({ because: 'state-lost' });
    },
  );

  it('counts the state as lost when a part of another time is put in its place', async () => {
    await take();
    const old = await redis.dumpBuffer(keys.slots);
    await redis.flushall();
    await limiter.declareEpoch();
    await redis.restore(keys.slots, 0, old, 'REPLACE');
    expect(await take()).toMatchObject({ because: 'state-lost' });
  });

  it('goes on when the server has forgotten the scripts', async () => {
    await redis.script('FLUSH');
    const permit = (await take()) as Permit;
    await redis.script('FLUSH');
    permit.settle({ kind: 'never-sent' });
    await limiter.close();
    expect(await limiter.status()).toMatchObject({ inUse: 0 });
  });
});
