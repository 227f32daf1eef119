import type { Redis, Result } from 'ioredis';
import { redisKeys } from '../keys.ts';
import { fetcherGroup } from './ask-lane.ts';
import { endScript, giveBackScript, renewScript, rescueScript } from './scripts.ts';

type Fields = readonly string[];

declare module 'ioredis' {
  interface RedisCommander<Context> {
    glasshouseAskEnd(...args: string[]): Result<number, Context>;
    glasshouseAskGiveBack(...args: string[]): Result<number, Context>;
    glasshouseAskRenew(...args: (string | number)[]): Result<string[], Context>;
    glasshouseAskRescue(
      ...args: (string | number)[]
    ): Result<(readonly [string, number, Fields])[], Context>;
  }
}

/** An ask in the hands of a fetcher. */
export interface TakenAsk {
  /** Its place in the lane. */
  readonly entry: string;
  readonly jobId: string;
  readonly askId: string;
  /** As it lay in Redis, unchecked; undefined when it is no JSON. */
  readonly data: unknown;
  /** Epoch ms, the asker's clock; NaN when that is not told. */
  readonly addedAt: number;
  /** How many fetchers have had it, this one included. */
  readonly takes: number;
}

export interface TakenAsksOptions {
  /** For everything but taking. */
  readonly redis: Redis;
  /** Waits for asks, and so for nothing else. */
  readonly blocking: Redis;
  /** This fetcher's name, unlike all others'. */
  readonly fetcher: string;
  /** Who does not renew for so long is taken for dead. */
  readonly leaseMs: number;
}

/** The interactive lane as a fetcher sees it: takes asks, keeps them by renewing, and ends each or gives it back. */
export class TakenAsks {
  readonly #options: TakenAsksOptions;

  constructor(options: TakenAsksOptions) {
    this.#options = options;
    const { redis } = options;
    redis.defineCommand('glasshouseAskEnd', { numberOfKeys: 2, lua: endScript });
    redis.defineCommand('glasshouseAskGiveBack', { numberOfKeys: 2, lua: giveBackScript });
    redis.defineCommand('glasshouseAskRenew', { numberOfKeys: 1, lua: renewScript });
    redis.defineCommand('glasshouseAskRescue', { numberOfKeys: 1, lua: rescueScript });
  }

  /** The next asks, `most` at most; none when `waitMs` have passed without one. Rejects with ioredis' errors. */
  async take(most: number, waitMs: number): Promise<TakenAsk[]> {
    const { blocking, fetcher } = this.#options;
    const read = () =>
      blocking.xreadgroup(
        ...(['GROUP', fetcherGroup, fetcher, 'COUNT', most, 'BLOCK', waitMs] as const),
        ...(['STREAMS', redisKeys.asks, '>'] as const),
      ) as Promise<[string, [string, Fields][]][] | null>;
    const reply = await read().catch(async (thrown: unknown) => {
      // A Redis that is new or was flushed knows no group; what was added before it has one is for it all the same.
      if (!String(thrown).includes('NOGROUP')) throw thrown;
      await this.#createGroup();
      return read();
    });
    return (reply?.[0]?.[1] ?? []).map(([entry, fields]) => takenAsk(entry, fields, 1));
  }

  /** What nobody has renewed for a lease. Renew first: what this fetcher has let lie is found, too. */
  async rescue(most: number): Promise<TakenAsk[]> {
    const { redis, fetcher, leaseMs } = this.#options;
    const found = await redis.glasshouseAskRescue(
      ...[redisKeys.asks, fetcherGroup, fetcher, leaseMs, most],
    );
    return found.map(([entry, takes, fields]) => takenAsk(entry, fields, takes));
  }

  /** Holds on to these. Resolves to the entries that are still this fetcher's; the others have been taken up by somebody else. */
  async renew(asks: readonly TakenAsk[]): Promise<ReadonlySet<string>> {
    const { redis, fetcher } = this.#options;
    const entries = asks.map(({ entry }) => entry);
    return new Set(
      await redis.glasshouseAskRenew(redisKeys.asks, fetcherGroup, fetcher, ...entries),
    );
  }

  async end({ entry, askId, jobId }: TakenAsk): Promise<void> {
    const keys = [redisKeys.asks, redisKeys.question(askId)];
    await this.#options.redis.glasshouseAskEnd(...keys, fetcherGroup, entry, jobId);
  }

  async giveBack({ entry, askId, jobId }: TakenAsk): Promise<void> {
    const keys = [redisKeys.asks, redisKeys.question(askId)];
    await this.#options.redis.glasshouseAskGiveBack(...keys, fetcherGroup, entry, jobId);
  }

  async #createGroup(): Promise<void> {
    await this.#options.redis
      .xgroup('CREATE', redisKeys.asks, fetcherGroup, '0', 'MKSTREAM')
      .catch((thrown: unknown) => {
        if (!String(thrown).includes('BUSYGROUP')) throw thrown;
      });
  }
}

const takenAsk = (entry: string, fields: Fields, takes: number): TakenAsk => {
  const field = (name: string): string | undefined =>
    fields.find((_, index) => index % 2 === 1 && fields[index - 1] === name);
  const [jobId = '', askId = '', data = '', at = 'none'] = ['job', 'ask', 'data', 'at'].map(field);
  return { entry, jobId, askId, data: jsonOf(data), addedAt: Number(at), takes };
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
