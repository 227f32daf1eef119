import { createLimiter, type LimiterOptions } from '../limiter.ts';
import type { RateLimiter } from '../rate-limiter.ts';
import { createMemoryPermitStore, type MemoryPermitStore } from './permit-store.ts';

export interface MemoryRateLimiterOptions extends LimiterOptions {
  /** Given: shared with other limiters, as processes share a Redis. */
  readonly store?: MemoryPermitStore;
}

/**
 * The rate limiter without Redis, for tests of those who use one. A store without state blocks here as it does in
 * Redis: call `declareEpoch()` first.
 */
export const createMemoryRateLimiter = ({
  store,
  ...options
}: MemoryRateLimiterOptions): RateLimiter =>
  createLimiter(
    store ?? createMemoryPermitStore(options.now ?? (() => performance.now())),
    options,
  );
