import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import type { Redis } from 'ioredis';
import { describeRateLimiterContract } from '../testing/contract/rate-limiter-contract.ts';
import { makeRedisWorld } from '../testing/redis-world.ts';

if (redisIsHere) {
  let server: PrivateRedis;
  let redis: Redis;

  beforeAll(async () => {
    server = await PrivateRedis.started();
    redis = server.client();
  });
  afterAll(() => server.stop());

  describeRateLimiterContract('in Redis', () => makeRedisWorld(redis)());
} else {
  describe('the rate limiter, in Redis', () => {
    it.skip('SKIPPED: neither redis-server nor valkey-server is on the PATH', () => undefined);
  });
}
