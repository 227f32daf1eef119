import type { RateLimiter } from '@glasshouse/rate-limiter';
import { redisReady, type createRedis, type Lifecycle, type Logger } from '@glasshouse/service-kit';
import { setTimeout as delay } from 'node:timers/promises';
import { redisUnfitBecause } from './redis-fitness.ts';

export interface RedisStartParts {
  /** Fails fast. */
  readonly redis: ReturnType<typeof createRedis>;
  readonly config: { readonly NODE_ENV: string; readonly GLASSHOUSE_FRESH_REDIS: boolean };
  readonly limiter: Pick<RateLimiter, 'declareEpoch' | 'start'>;
  readonly logger: Logger;
  readonly lifecycle: Pick<Lifecycle, 'stop' | 'stopping'>;
  readonly lookEveryMs?: number;
}

/**
 * Waits for Redis however long it takes, looks whether it may be used, announces the limit and then lets the jobs in. A Redis that must
 * not be used ends the process, which says why.
 */
export const whenRedisIsThere = async (
  { redis, config, limiter, logger, lifecycle, lookEveryMs = 2_000 }: RedisStartParts,
  open: () => void,
): Promise<void> => {
  const production = config.NODE_ENV === 'production';
  // Only of a Redis that is there when we start can the launcher have vouched for anything.
  let fresh = config.GLASSHOUSE_FRESH_REDIS && (await redisReady(redis, lookEveryMs));
  while (!lifecycle.stopping) {
    if (await redisReady(redis, lookEveryMs)) {
      try {
        const unfit = await redisUnfitBecause(redis, { production, logger });
        if (unfit !== undefined) {
          logger.fatal({ event: 'redis.unfit' }, unfit);
          return await lifecycle.stop(unfit, 1);
        }
        if (fresh) await limiter.declareEpoch();
        fresh = false;
        await limiter.start();
        return open();
      } catch (thrown) {
        logger.warn({ event: 'redis.not-yet', err: thrown }, 'Redis does not answer yet');
        await delay(lookEveryMs);
      }
    }
  }
};
