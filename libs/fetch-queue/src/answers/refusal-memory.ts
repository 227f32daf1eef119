import type { FailureRecord } from '@glasshouse/coinglass-client';
import type { Redis } from 'ioredis';
import { redisKeys } from '../keys.ts';

/**
 * Refusals of the vendor that are worth remembering (key, plan, interval), shared by all fetchers, so that each is paid for
 * once. The scope names upstream and plan: what one refuses says nothing about another.
 */
export class RedisRefusalMemory {
  readonly #redis: Redis;
  readonly #scope: string;

  constructor(redis: Redis, scope: string) {
    this.#redis = redis;
    this.#scope = scope;
  }

  /** The first remembered refusal among these keys, in their order. */
  async recall(keys: readonly string[]): Promise<FailureRecord | undefined> {
    if (keys.length === 0) return undefined;
    const found = await this.#redis.mget(keys.map((key) => redisKeys.refusal(this.#scope, key)));
    const first = found.find((text) => text !== null);
    return first === undefined || first === null ? undefined : (JSON.parse(first) as FailureRecord);
  }

  async remember(key: string, record: FailureRecord, ttlMs: number): Promise<void> {
    await this.#redis.set(redisKeys.refusal(this.#scope, key), JSON.stringify(record), 'PX', ttlMs);
  }
}
