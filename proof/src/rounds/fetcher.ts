import {
  catalogue,
  createHttpWire,
  createPipeline,
  isFailure,
  Postponed,
} from '@glasshouse/coinglass-client';
import { createRedisRateLimiter } from '@glasshouse/rate-limiter';
import { Redis } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a process of the rounds is told, as JSON. */
export interface FetcherOrders {
  readonly redisPort: number;
  readonly vendorUrl: string;
  readonly limit: number;
  readonly windowMs: number;
  readonly leaseMs: number;
  readonly permitMaxAgeMs: number;
  readonly attemptTimeoutMs: number;
  /** How many ask at once, without end. */
  readonly callers: number;
}

const endpoint = catalogue['futures/funding-rate/oi-weight-history'];
const params = { interval: '1h', limit: '10', symbol: 'BTC' };
const AGAIN_AFTER_MS = 100;

/** A process that fetches on and on, by the real pipeline and limiter, until it is killed or its parent is gone. */
export const main = async ([told]: readonly string[]): Promise<number> => {
  const orders = JSON.parse(String(told)) as FetcherOrders;
  process.once('disconnect', () => process.exit(0));
  // As the fetcher's connection for permits: it fails fast and sends nothing twice.
  const redis = new Redis(orders.redisPort, '127.0.0.1', {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    commandTimeout: 500,
    retryStrategy: () => 50,
  });
  redis.on('error', () => undefined);
  const pipeline = createPipeline({
    wire: createHttpWire({ baseUrl: orders.vendorUrl, apiKey: () => 'no key' }),
    permits: createRedisRateLimiter({
      redis,
      upstream: orders.vendorUrl,
      keyDigest: 'rounds',
      limit: orders.limit,
      windowMs: orders.windowMs,
      leaseMs: orders.leaseMs,
      permitMaxAgeMs: orders.permitMaxAgeMs,
    }),
    mask: (text) => text,
    onAttempt: () => undefined,
    attemptTimeoutMs: orders.attemptTimeoutMs,
  });

  const callOnAndOn = async (): Promise<never> => {
    for (;;) {
      try {
        await pipeline({
          endpoint,
          params,
          lane: 'interactive',
          arm: 'baseline',
          team: { id: 'alpha', weight: 1 },
          deadlineAt: Date.now() + 2 * orders.windowMs,
          signal: new AbortController().signal,
        });
      } catch (thrown) {
        if (thrown instanceof Postponed) await sleep(thrown.waitMs);
        else if (isFailure(thrown)) await sleep(AGAIN_AFTER_MS);
        else throw thrown;
      }
    }
  };
  process.send?.('up');
  await Promise.all(Array.from({ length: orders.callers }, callOnAndOn));
  return 0;
};
