import type { Redis } from 'ioredis';
import { redisKeys } from '../register/redis-keys.ts';
import { bucketAt, metrics, spanNames, spans, type Metric } from './spans.ts';

export interface UsageTallyOptions {
  readonly redis: Redis;
  readonly now?: () => number;
}

const zero = (): Record<Metric, number> => ({
  requests: 0,
  hits: 0,
  misses: 0,
  failures: 0,
  permits: 0,
});

/** As many teams as are counted between two writings; a stranger's job can name any. */
const teamsMax = 1_000;

/**
 * Counts in memory what teams do and writes it to Redis once a second, so that counting costs a request nothing. With Redis away the
 * counts wait for it. A writing whose reply was lost is not repeated: rather too few than too many.
 */
export class UsageTally {
  readonly #redis: Redis;
  readonly #now: () => number;
  #counts = new Map<string, Record<Metric, number>>();
  /** Key id -> the minute last written, or to be written. */
  readonly #usedIn = new Map<string, number>();
  #usedNow = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor({ redis, now = Date.now }: UsageTallyOptions) {
    this.#redis = redis;
    this.#now = now;
  }

  start(): void {
    this.#timer = setInterval(() => void this.flush(), 1_000);
    this.#timer.unref();
  }

  /** Writes what is left. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  add(team: string, metric: Metric): void {
    let counts = this.#counts.get(team);
    if (!counts) {
      if (this.#counts.size >= teamsMax) return;
      this.#counts.set(team, (counts = zero()));
    }
    counts[metric] += 1;
  }

  /** A key was used; told to Redis at most once a minute for each. */
  keyUsed(keyId: string): void {
    const minute = Math.floor(this.#now() / 60_000);
    if (this.#usedIn.get(keyId) === minute) return;
    this.#usedIn.set(keyId, minute);
    this.#usedNow.set(keyId, minute * 60_000);
  }

  /** Never rejects. */
  async flush(): Promise<void> {
    if (this.#redis.status !== 'ready' || this.#counts.size + this.#usedNow.size === 0) return;
    const counts = this.#counts;
    const used = this.#usedNow;
    this.#counts = new Map();
    this.#usedNow = new Map();
    const at = this.#now();
    const pipeline = this.#redis.pipeline();
    for (const [team, ofTeam] of counts) {
      for (const span of spanNames) {
        const key = redisKeys.usage(team, span, bucketAt(span, at));
        for (const metric of metrics)
          if (ofTeam[metric] > 0) pipeline.hincrby(key, metric, ofTeam[metric]);
        const { lengthMs, bucketMs } = spans[span];
        pipeline.pexpire(key, lengthMs + 2 * bucketMs);
      }
    }
    if (used.size > 0) pipeline.hset(redisKeys.used, Object.fromEntries(used));
    await pipeline.exec().catch(() => undefined);
  }
}
