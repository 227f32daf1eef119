import type { Redis, Result } from 'ioredis';
import { redisKeys } from '../keys.ts';
import type {
  AnswerData,
  AnswerFacts,
  Face,
  FoundAnswer,
  Pointer,
  StoredAnswer,
} from './answer.ts';
import { beginScript, putScript, releaseScript, renewScript } from './scripts.ts';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    glasshouseAnswerPut(...args: (string | number)[]): Result<Putting, Context>;
    glasshouseAnswerBegin(...args: (string | number)[]): Result<[string, string?], Context>;
    glasshouseLockRenew(...args: (string | number)[]): Result<number, Context>;
    glasshouseLockRelease(...args: string[]): Result<number, Context>;
  }
}

/** What `begin` found: a fresh answer, another fetch under way, or nothing, in which case the lock is now held. */
export type Beginning =
  | { readonly state: 'stored'; readonly facts: AnswerFacts }
  | { readonly state: 'busy' }
  | { readonly state: 'begun' };

/** `outdated`: the store already has a newer answer. `too-large`: it alone is over the budget. */
export type Putting = 'stored' | 'outdated' | 'too-large';

/** Whether what a client fetched, or was refused, may be served. */
export type Serves = (fetched: Pick<AnswerFacts | Pointer, 'arm'>) => boolean;

export interface AnswerStoreOptions {
  readonly redis: Redis;
  /** All answers together may take this much of Redis, data and bookkeeping. */
  readonly bytesMax?: number;
  readonly now?: () => number;
}

export const answerStoreBytesMax = 256 * 1024 * 1024;

/**
 * The answers in Redis, shared by all processes: bytes by key, with their facts; pointers from asked to served keys; one
 * short lock per key. Says nothing about freshness itself: that is in the facts. Rejects with ioredis' errors when Redis
 * is away; callers turn those into `store-unavailable`.
 */
export class AnswerStore {
  readonly #redis: Redis;
  readonly #bytesMax: number;
  readonly #now: () => number;

  constructor({ redis, bytesMax = answerStoreBytesMax, now = Date.now }: AnswerStoreOptions) {
    this.#redis = redis;
    this.#bytesMax = bytesMax;
    this.#now = now;
    redis.defineCommand('glasshouseAnswerPut', { numberOfKeys: 7, lua: putScript });
    redis.defineCommand('glasshouseAnswerBegin', { numberOfKeys: 2, lua: beginScript });
    redis.defineCommand('glasshouseLockRenew', { numberOfKeys: 1, lua: renewScript });
    redis.defineCommand('glasshouseLockRelease', { numberOfKeys: 1, lua: releaseScript });
  }

  /** The answer under exactly this key. */
  async read(key: string, face: Face): Promise<StoredAnswer | undefined> {
    const [facts, vendor, house] = await this.#redis.hmgetBuffer(
      redisKeys.answer(key),
      'facts',
      'vendor',
      ...(face === 'house' ? ['house'] : []),
    );
    return toStored(key, facts, house ?? vendor);
  }

  /**
   * The answer to an asked key: by the pointer that a remembered refusal left, else directly. One round trip, or two. An answer
   * with the asked interval from before the refusal is better than none, and is then no fallback. `serves`: what may be served at all;
   * anything else is as good as not there.
   */
  async find(askedKey: string, face: Face, serves: Serves = () => true): Promise<FoundAnswer> {
    const served = (answer: StoredAnswer | undefined) =>
      answer && serves(answer.facts) ? answer : undefined;
    const [pointerText, stored] = await Promise.all([
      this.#redis.get(redisKeys.pointer(askedKey)),
      this.read(askedKey, face),
    ]);
    const direct = served(stored);
    const pointer = pointerText === null ? undefined : (JSON.parse(pointerText) as Pointer);
    if (!pointer || !serves(pointer)) {
      if (direct) this.#touch(askedKey);
      return direct ? { answer: direct } : {};
    }
    const answer = served(await this.read(pointer.servedKey, face));
    if (answer) {
      this.#touch(pointer.servedKey);
      return { answer, pointer };
    }
    return direct ? { answer: direct } : { pointer };
  }

  /**
   * Asks for the right to fetch. `notBefore` (epoch ms): an answer fetched earlier does not do, however fresh. The lock lasts
   * `lockMs`; who needs longer renews it, so that a process that died blocks nobody for long.
   */
  async begin(
    key: string,
    { token, lockMs, notBefore = 0 }: { token: string; lockMs: number; notBefore?: number },
  ): Promise<Beginning> {
    const [state, facts] = await this.#redis.glasshouseAnswerBegin(
      redisKeys.answer(key),
      redisKeys.lock(key),
      token,
      lockMs,
      notBefore,
    );
    if (state === 'stored') return { state, facts: JSON.parse(facts ?? '') as AnswerFacts };
    return { state: state === 'begun' ? 'begun' : 'busy' };
  }

  /** Stores an answer until its stale cap and gives the lock back. Without the lock (it ran out) the newer answer wins. */
  async put(facts: AnswerFacts, data: AnswerData, token: string): Promise<Putting> {
    const { key, freshUntil, fetchedAt, staleUntil } = facts;
    return this.#redis.glasshouseAnswerPut(
      redisKeys.answer(key),
      redisKeys.lock(key),
      redisKeys.pointer(key),
      redisKeys.used,
      redisKeys.sizes,
      redisKeys.expiries,
      redisKeys.bytes,
      key,
      token,
      JSON.stringify(facts),
      data.vendor,
      data.house === data.vendor ? '' : data.house,
      // Whole numbers: Redis refuses a fractional expiry in the middle of the script.
      Math.trunc(freshUntil),
      Math.trunc(fetchedAt),
      Math.trunc(staleUntil),
      this.#bytesMax,
      redisKeys.answer(''),
    );
  }

  /** False when the lock is no longer ours. */
  async renew(key: string, token: string, lockMs: number): Promise<boolean> {
    return (await this.#redis.glasshouseLockRenew(redisKeys.lock(key), token, lockMs)) === 1;
  }

  async release(key: string, token: string): Promise<void> {
    await this.#redis.glasshouseLockRelease(redisKeys.lock(key), token);
  }

  async point(askedKey: string, pointer: Pointer): Promise<void> {
    const ttlMs = Math.max(1, Math.ceil(pointer.until - this.#now()));
    await this.#redis.set(redisKeys.pointer(askedKey), JSON.stringify(pointer), 'PX', ttlMs);
  }

  /** Marks an answer as used, for the eviction order. Nobody waits for it, and it may fail: reads go on where writes do not. */
  #touch(key: string): void {
    this.#redis.zadd(redisKeys.used, 'XX', this.#now(), key).catch(() => undefined);
  }
}

const toStored = (
  key: string,
  facts: Buffer | null | undefined,
  data: Buffer | null | undefined,
): StoredAnswer | undefined => {
  if (!facts || !data) return undefined;
  const parsed = JSON.parse(facts.toString()) as AnswerFacts;
  return parsed.key === key ? { facts: parsed, data } : undefined;
};
