import type { Redis, Result } from 'ioredis';
import { redisKeys } from '../register/redis-keys.ts';
import type { Team } from '../team.ts';
import { Allotment } from './allotment.ts';
import { drawScript, presenceScript } from './scripts.ts';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    glasshouseQuotaDraw(
      ...args: (string | number)[]
    ): Result<[number, number, number, number], Context>;
    glasshouseGatewayPresence(...args: string[]): Result<number, Context>;
  }
}

export type Taken = { readonly granted: true } | { readonly granted: false; retryAfterMs: number };

export interface RequestQuotaOptions {
  /** Fails fast. */
  readonly redis: Redis;
  /** Of this gateway, among all. */
  readonly name: string;
  readonly now?: () => number;
}

/** With Redis away, how long to go by the local share before it is asked again. */
const awayMs = 1_000;

/**
 * Requests per minute of each team over all gateways. Redis counts what has been drawn, by the second; each gateway draws a few ahead,
 * so that most requests take from memory, and gives back what it has not used within a second. So no 60 s see more drawn than the quota.
 * With Redis away each gateway allows its share by the number of gateways last seen.
 */
export class RequestQuota {
  readonly #redis: Redis;
  readonly #name: string;
  readonly #now: () => number;
  readonly #allotments = new Map<string, Allotment>();
  #gateways = 1;
  #awayUntil = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor({ redis, name, now = Date.now }: RequestQuotaOptions) {
    this.#redis = redis;
    this.#name = name;
    this.#now = now;
    redis.defineCommand('glasshouseQuotaDraw', { numberOfKeys: 1, lua: drawScript });
    redis.defineCommand('glasshouseGatewayPresence', { numberOfKeys: 1, lua: presenceScript });
  }

  start(): void {
    this.#timer = setInterval(() => void this.tick(), 1_000);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Takes one request from memory, drawing ahead beside. False: not from memory; `take` can ask. */
  takeAtOnce(team: Team): boolean {
    const { requestsPerMinute: quota } = team;
    if (quota === undefined) return true;
    const now = this.#now();
    const allotment = this.#of(team.id);
    if (now < this.#awayUntil) return this.#takeShare(allotment, quota, now);
    if (!allotment.take(now)) return false;
    if (allotment.left * 2 < allotment.wanted(quota, now) && now >= allotment.spentUntil)
      void this.#draw(team.id, quota, allotment);
    return true;
  }

  /** Takes one request, asking Redis when none is held. Never rejects. */
  async take(team: Team): Promise<Taken> {
    const { requestsPerMinute: quota } = team;
    if (quota === undefined || this.takeAtOnce(team)) return { granted: true };
    const allotment = this.#of(team.id);
    if (this.#now() >= allotment.spentUntil) {
      allotment.waiting += 1;
      // Twice: a draw that was under way may have been for others.
      for (let tries = 0; tries < 2; tries += 1) {
        await this.#draw(team.id, quota, allotment);
        if (this.takeAtOnce(team)) {
          allotment.waiting -= 1;
          return { granted: true };
        }
        if (this.#now() < allotment.spentUntil) break;
      }
      allotment.waiting -= 1;
    }
    return { granted: false, retryAfterMs: Math.max(1_000, allotment.spentUntil - this.#now()) };
  }

  /** What is left of the quota at this moment, at all gateways; undefined without a quota. Rejects when Redis is away. */
  async left({ id, requestsPerMinute: quota }: Team): Promise<number | undefined> {
    if (quota === undefined) return undefined;
    const [, , left] = await this.#redis.glasshouseQuotaDraw(redisKeys.drawn(id), quota, 0);
    return left + (this.#allotments.get(id)?.left ?? 0);
  }

  /** Gives back what was held too long, and says that this gateway is there. To be called each second; never rejects. */
  async tick(): Promise<void> {
    const now = this.#now();
    const giving = [...this.#allotments].map(async ([id, allotment]) => {
      const unused = allotment.release(now);
      if (unused.length > 0)
        await this.#redis.glasshouseQuotaDraw(redisKeys.drawn(id), 0, 0, ...unused);
      if (allotment.left === 0 && allotment.lastMinute.sum(now) === 0 && allotment.waiting === 0)
        this.#allotments.delete(id);
    });
    const seeing = this.#redis
      .glasshouseGatewayPresence(redisKeys.gateways, this.#name)
      .then((count) => (this.#gateways = Math.max(1, count)));
    await Promise.allSettled([...giving, seeing]);
  }

  #of(id: string): Allotment {
    let allotment = this.#allotments.get(id);
    if (!allotment) this.#allotments.set(id, (allotment = new Allotment()));
    return allotment;
  }

  /** One at a time for each team. */
  #draw(id: string, quota: number, allotment: Allotment): Promise<void> {
    allotment.drawing ??= this.#drawOnce(id, quota, allotment).finally(
      () => (allotment.drawing = undefined),
    );
    return allotment.drawing;
  }

  async #drawOnce(id: string, quota: number, allotment: Allotment): Promise<void> {
    const askedAt = this.#now();
    try {
      const [drawn, second, , waitMs] = await this.#redis.glasshouseQuotaDraw(
        redisKeys.drawn(id),
        quota,
        allotment.wanted(quota, askedAt),
        ...allotment.release(askedAt),
      );
      allotment.add(second, drawn, this.#now());
      allotment.spentUntil = drawn > 0 ? 0 : this.#now() + waitMs;
    } catch {
      this.#awayUntil = this.#now() + awayMs;
    }
  }

  #takeShare(allotment: Allotment, quota: number, now: number): boolean {
    if (allotment.lastMinute.sum(now) < Math.max(1, Math.floor(quota / this.#gateways))) {
      allotment.lastMinute.add(now);
      return true;
    }
    allotment.spentUntil = now + awayMs;
    return false;
  }
}
