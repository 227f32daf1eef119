import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { keyPrefix, queueNames } from './keys.ts';

const days = (n: number): number => n * 24 * 3600;

/** How long ended jobs are kept (BullMQ counts in seconds); the consumer writes these over a producer's own wishes. */
export const retention = {
  removeOnComplete: { age: 3600, count: 5_000 },
  removeOnFail: { age: days(7), count: 10_000 },
} as const;

/** What jobs on the shared queue are called: what anyone asks, and what the house asks for everybody, to keep stored answers fresh. */
export const jobNames = { fetch: 'fetch', refresh: 'refresh' } as const;

/** The slow retry: the queue's own attempts, for bulk jobs only; an interactive caller is gone by then. */
export const slowRetry = {
  attempts: 5,
  backoff: { type: 'exponential', delay: 2_000, jitter: 0.5 },
} as const;

/**
 * Opens a queue for adding. `skipWaitingForReady` makes an add fail at once while Redis is away (with a connection that
 * has no offline queue); without it the add would stay pending for as long as Redis does. `skipVersionCheck` spares the
 * `INFO` whose failure, with Redis away at the start, would make every later add fail too, Redis back or not.
 */
export const openQueue = (name: keyof typeof queueNames, redis: Redis): Queue => {
  const queue = new Queue(queueNames[name], {
    connection: redis,
    prefix: keyPrefix,
    skipWaitingForReady: true,
    skipVersionCheck: true,
    defaultJobOptions: { ...retention },
    streams: { events: { maxLen: 1_000 } },
  });
  // The connection has its own error listener; this one only keeps the emitter from throwing.
  queue.on('error', () => undefined);
  return queue;
};
