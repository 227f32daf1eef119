import { Failure } from '@glasshouse/coinglass-client';
import type { Redis, Result } from 'ioredis';
import { askLaneName, redisKeys } from '../keys.ts';
import { newJobId, type InteractiveJobInput } from '../job.ts';
import { inSendSpan } from '../send-span.ts';
import { addScript, takeBackScript } from './scripts.ts';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    glasshouseAskAdd(...args: (string | number)[]): Result<string | null, Context>;
    glasshouseAskTakeBack(...args: string[]): Result<string | null, Context>;
  }
}

/** The consumer group of all fetchers. */
export const fetcherGroup = 'fetchers';

const destination = { queue: askLaneName, system: 'redis' } as const;

/** An ask may begin within 60 s and run for 60 s; after that it is of no use to anybody. */
export const askKeptForMs = 150_000;

/** More than the limit allows in an hour: whoever comes now would not be served. */
const waitingMax = 10_000;

export interface AskLaneOptions {
  /** Fails fast while Redis is away. */
  readonly redis: Redis;
  readonly now?: () => number;
  readonly waitingMax?: number;
}

/**
 * The interactive lane as those see it who ask: a stream of asks, one per question, which fetchers take in batches. It is no BullMQ
 * queue: a reader waits at most a minute, so an ask needs no history, attempts or schedule, only to be taken once and not be lost.
 */
export class AskLane {
  readonly #redis: Redis;
  readonly #now: () => number;
  readonly #waitingMax: number;

  constructor({ redis, now = Date.now, waitingMax: most = waitingMax }: AskLaneOptions) {
    this.#redis = redis;
    this.#now = now;
    this.#waitingMax = most;
    redis.defineCommand('glasshouseAskAdd', { numberOfKeys: 2, lua: addScript });
    redis.defineCommand('glasshouseAskTakeBack', { numberOfKeys: 2, lua: takeBackScript });
  }

  /**
   * Adds an ask; resolves to the id of the job that will answer: this one, or one that already asks the same (`askId`).
   * Rejects with `store-unavailable` when Redis is away, with `queue-full` when too many wait.
   */
  async add(
    job: InteractiveJobInput,
    { askId, jobId = newJobId() }: { readonly askId: string; readonly jobId?: string },
  ): Promise<string> {
    const { traceparent, ...rest } = job;
    const sending = { ...destination, jobId, traceparent };
    const added = await inSendSpan(sending, async (own) => {
      const data = JSON.stringify(own === undefined ? rest : { ...rest, traceparent: own });
      const keys = [redisKeys.asks, redisKeys.question(askId)];
      const terms = [this.#now(), askKeptForMs, this.#waitingMax];
      return this.#redis.glasshouseAskAdd(...keys, jobId, askId, data, ...terms);
    }).catch((cause: unknown): never => {
      const options = { cause, retryAfterMs: 5_000 };
      throw new Failure('store-unavailable', 'The queue cannot be reached', options);
    });
    if (added === null) {
      throw new Failure('queue-full', 'Too many asks wait for a fetcher', { retryAfterMs: 10_000 });
    }
    return added;
  }

  /** Takes back an ask that no fetcher has taken yet: it will not run. Resolves to its job's id, if there was one. */
  async takeBack(askId: string): Promise<string | undefined> {
    const keys = [redisKeys.asks, redisKeys.question(askId)];
    return (await this.#redis.glasshouseAskTakeBack(...keys, fetcherGroup)) ?? undefined;
  }
}
