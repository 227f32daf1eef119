import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import { describeRateLimiterContract } from '../testing/contract/rate-limiter-contract.ts';
import {
  redisIsAvailable,
  startPrivateRedis,
  type PrivateRedis,
} from '../testing/private-redis.ts';
import { makeRedisWorld } from '../testing/redis-world.ts';

if (redisIsAvailable) {
  let server: PrivateRedis;
  let redis: Redis;

  beforeAll(async () => {
    server = await startPrivateRedis();
    redis = server.connect();
  });
  afterAll(() => server.stop());

  describeRateLimiterContract('in Redis', () => makeRedisWorld(redis)());
} else {
  process.stderr.write('SKIPPED: the permit store in Redis (no redis-server, no valkey-server)\n');
  describe('the rate limiter, in Redis', () => {
    it.skip('SKIPPED: neither redis-server nor valkey-server is on the PATH', () => undefined);
  });
}
