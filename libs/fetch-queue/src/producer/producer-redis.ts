import { Redis } from 'ioredis';

/** How long a producer waits for Redis to carry out one command. */
const commandMaxMs = 500;

/**
 * A connection that fails instead of waiting: nothing is queued while Redis is away, nothing is sent twice behind the producer's
 * back, and an answer that does not come in half a second is a time-out, which means: unknown. The caller closes it.
 */
export const openProducerRedis = (url: string): Redis => {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    commandTimeout: commandMaxMs,
    connectTimeout: 1_000,
    // A peer that swallows packets is noticed by its silence, and the connection is made anew.
    socketTimeout: 5_000,
    connectionName: 'glasshouse:producer',
    retryStrategy: (times) => 100 + Math.random() * Math.min(2_000, 100 * 2 ** times),
  });
  // Each call says what went wrong; this one only keeps the emitter from throwing.
  redis.on('error', () => undefined);
  return redis;
};
