import { performance } from 'node:perf_hooks';
import type { Redis, Result } from 'ioredis';
import { runKeys } from './redis-keys.ts';
import { leadScript, resignScript } from './scripts.ts';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    glasshouseCanaryLead(...args: (string | number)[]): Result<number, Context>;
    glasshouseCanaryResign(...args: (string | number)[]): Result<number, Context>;
  }
}

/** The right to lead, until it runs out. Every write of the run's record shows `text`, and Redis compares. */
export interface Lease {
  readonly token: number;
  readonly text: string;
  /** By this process's own clock: false somewhat before Redis gives the lead away. */
  isValid(): boolean;
}

export interface LeadershipOptions {
  readonly redis: Redis;
  /** Differs for each controller there is. */
  readonly name: string;
  /** Without renewal another controller leads after this. */
  readonly leaseMs?: number;
  /** Monotonic, ms. */
  readonly monotonicNow?: () => number;
}

/** One controller leads. Each time somebody begins to lead there is a new, larger token, so that a leader of before cannot write. */
export class Leadership {
  readonly #options: Required<LeadershipOptions>;

  constructor(options: LeadershipOptions) {
    this.#options = { leaseMs: 10_000, monotonicNow: () => performance.now(), ...options };
    const { redis } = this.#options;
    redis.defineCommand('glasshouseCanaryLead', { numberOfKeys: 2, lua: leadScript });
    redis.defineCommand('glasshouseCanaryResign', { numberOfKeys: 1, lua: resignScript });
  }

  /** Begins to lead, or goes on; undefined while another one leads. Rejects with ioredis' errors. */
  async hold(): Promise<Lease | undefined> {
    const { redis, name, leaseMs, monotonicNow } = this.#options;
    // The lease counts from the asking: Redis' own count begins later.
    const askedAt = monotonicNow();
    const token = await redis.glasshouseCanaryLead(runKeys.leader, runKeys.fence, name, leaseMs);
    if (token === 0) return undefined;
    return {
      token,
      text: `${token} ${name}`,
      isValid: () => monotonicNow() - askedAt < leaseMs * 0.8,
    };
  }

  /** Lets another one lead at once. */
  async resign({ text }: Lease): Promise<void> {
    await this.#options.redis.glasshouseCanaryResign(runKeys.leader, text);
  }
}
