import type { Redis } from 'ioredis';
import { redisKeys } from '../keys.ts';
import { jobIdOf, readOutcome, type Outcome } from './outcome.ts';

type Listener = (outcome: Outcome) => void;

export interface OutcomeWatchOptions {
  /** For reading kept outcomes. */
  readonly redis: Redis;
  /** A connection of its own: a subscribed connection can do nothing else. */
  readonly subscriber: Redis;
  readonly pollMs?: number;
}

/**
 * Hears of outcomes for this process: one subscription, and one poll for everybody who waits, since an announcement may be
 * lost with a connection. Knows nothing of deadlines; who waits brings their own.
 */
export class OutcomeWatch {
  readonly #redis: Redis;
  readonly #subscriber: Redis;
  readonly #pollMs: number;
  readonly #listeners = new Map<string, Set<Listener>>();
  #timer: NodeJS.Timeout | undefined;

  constructor({ redis, subscriber, pollMs = 500 }: OutcomeWatchOptions) {
    this.#redis = redis;
    this.#subscriber = subscriber;
    this.#pollMs = pollMs;
  }

  /** Subscribes, now and after each reconnection. Does not wait for Redis to be there. */
  start(): void {
    this.#subscriber.on('message', this.#onMessage);
    // ioredis renews only subscriptions that once succeeded, and the first may be refused while Redis is away.
    this.#subscriber.on('ready', this.#subscribe);
    if (this.#subscriber.status === 'ready') this.#subscribe();
  }

  /** Calls the listener for every outcome of this job until the returned function is called. */
  listen(jobId: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(jobId) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(jobId, listeners);
    this.#timer ??= setInterval(() => void this.#poll(), this.#pollMs);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(jobId) === listeners) {
        this.#listeners.delete(jobId);
      }
      if (this.#listeners.size === 0) this.#stopPolling();
    };
  }

  /** Looks now, for a job that may have ended before we listened. Rejects with ioredis' errors. */
  async look(jobId: string): Promise<void> {
    this.#deliver(await this.#redis.get(redisKeys.outcome(jobId)));
  }

  stop(): void {
    this.#subscriber.off('message', this.#onMessage);
    this.#subscriber.off('ready', this.#subscribe);
    this.#stopPolling();
    this.#listeners.clear();
  }

  readonly #subscribe = (): void => {
    this.#subscriber.subscribe(redisKeys.outcomes).catch(() => undefined);
  };

  readonly #onMessage = (_channel: string, text: string): void => this.#deliver(text);

  async #poll(): Promise<void> {
    const jobIds = [...this.#listeners.keys()];
    if (jobIds.length === 0) return;
    try {
      const texts = await this.#redis.mget(jobIds.map(redisKeys.outcome));
      for (const text of texts) this.#deliver(text);
    } catch {
      // Redis is away: the next poll, the announcement or the waiter's deadline will tell.
    }
  }

  #deliver(text: string | null): void {
    if (text === null) return;
    const jobId = jobIdOf(text);
    if (jobId !== undefined && !this.#listeners.has(jobId)) return;
    const outcome = readOutcome(text);
    if (!outcome) return;
    for (const listener of this.#listeners.get(outcome.jobId) ?? []) listener(outcome);
  }

  #stopPolling(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
