import type { Redis } from 'ioredis';
import { secretsOf } from '../config/secrets-of.ts';
import type { Logger } from '../logging/logger.ts';
import { createMask } from '../logging/mask.ts';
import { sampled } from '../logging/sampled.ts';
import { addressOf, redisLabel } from './redis-address.ts';
import type { ConnectionOptions } from './redis-address.ts';
import { BatchingRedis } from './batching-redis.ts';

/**
 * What a connection is for.
 * `producer`: asked on behalf of somebody who waits: fails within half a second, never queues, never resends
 *   (a command whose reply was lost may have been carried out: twice would be worse).
 * `worker`: blocking reads and work that must survive an outage: waits for Redis to come back.
 * `subscriber`: listens to channels, subscribes again by itself after an outage.
 */
export type RedisPreset = 'producer' | 'worker' | 'subscriber';

const presets: Readonly<Record<RedisPreset, ConnectionOptions>> = {
  producer: {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    commandTimeout: 500,
    connectTimeout: 1_000,
    // A peer that swallows packets is noticed by its silence, and the connection is made anew.
    socketTimeout: 5_000,
  },
  worker: {
    maxRetriesPerRequest: null,
    connectTimeout: 5_000,
    // Well over the longest blocking read (BullMQ: 10 s), which is silent by design.
    socketTimeout: 30_000,
  },
  subscriber: { maxRetriesPerRequest: null, connectTimeout: 5_000, autoResubscribe: true },
};

/** Wait before reconnecting try `times` (from 1): random between 100 ms and a doubling bound of at most 2 s. */
export const reconnectDelayMs = (times: number, random: () => number = Math.random): number => {
  const boundMs = Math.min(2_000, 100 * 2 ** times);
  return Math.round(100 + random() * (boundMs - 100));
};

export interface RedisConnectionOptions {
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** What the connection is called in `CLIENT LIST` and in logs. */
  readonly name: string;
  readonly random?: () => number;
}

/**
 * A connection to Redis that starts connecting at once, reconnects for ever, in step with no other process, and
 * tells its troubles to the log at most once a second. The caller owns it: `quit()` or `disconnect()`.
 */
export const createRedis = (
  url: string,
  preset: RedisPreset,
  { logger, name, random = Math.random }: RedisConnectionOptions,
): Redis => {
  const redis = new BatchingRedis({
    ...presets[preset],
    ...addressOf(url),
    connectionName: `glasshouse:${name}`,
    lazyConnect: false,
    retryStrategy: (times) => reconnectDelayMs(times, random),
  });

  const mask = createMask(secretsOf({ url }));
  const facts = { connection: name, redis: redisLabel(url) };
  const rarely = sampled(logger, 1);
  let connected = false;
  redis.on('error', (error: Error & { readonly code?: string }) => {
    const message = mask(error.message || error.name);
    rarely.error(
      { event: 'redis.error', ...facts, code: error.code, reason: message },
      `Redis: ${message}`,
    );
  });
  redis.on('ready', () => {
    connected = true;
    logger.info({ event: 'redis.ready', ...facts }, 'Redis is connected');
  });
  redis.on('close', () => {
    if (connected)
      rarely.warn({ event: 'redis.lost', ...facts }, 'the connection to Redis is closed');
    connected = false;
  });
  return redis;
};

/** Whether the connection became usable within the given time; for starts that have something to do with Redis. */
export const redisReady = async (redis: Redis, withinMs: number): Promise<boolean> => {
  if (redis.status === 'ready') return true;
  return new Promise((resolve) => {
    const settle = (ready: boolean) => () => {
      clearTimeout(timer);
      redis.off('ready', onReady).off('end', onEnd);
      resolve(ready);
    };
    const onReady = settle(true);
    const onEnd = settle(false);
    const timer = setTimeout(onEnd, withinMs);
    redis.on('ready', onReady).on('end', onEnd);
  });
};
