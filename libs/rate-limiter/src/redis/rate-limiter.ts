import type { Redis } from 'ioredis';
import { createLimiter, type LimiterOptions } from '../limiter.ts';
import type { RateLimiter } from '../rate-limiter.ts';
import { permitKeys } from './keys.ts';
import { createRedisPermitStore } from './permit-store.ts';

export interface RedisRateLimiterOptions extends LimiterOptions {
  /** Not closed by the limiter. It should fail fast when Redis is away: no offline queue, a command time-out, no resending. */
  readonly redis: Redis;
  /** The vendor's origin. */
  readonly upstream: string;
  /** A short keyed digest of the vendor key: each key has its own window, and the key itself is told to nobody. */
  readonly keyDigest: string;
}

/** The rate limiter of one upstream and vendor key, shared by all processes on the same Redis. */
export const createRedisRateLimiter = ({
  redis,
  upstream,
  keyDigest,
  ...options
}: RedisRateLimiterOptions): RateLimiter =>
  createLimiter(createRedisPermitStore(redis, permitKeys(upstream, keyDigest)), options);
