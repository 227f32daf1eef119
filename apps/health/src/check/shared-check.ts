import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { keyPrefix } from '@glasshouse/fetch-queue';
import type { createRedis } from '@glasshouse/service-kit';
import type { CheckReport } from './report.ts';
import { releaseLock, renewLock } from './lock-scripts.ts';
import { readReport } from './stored-report.ts';
import type { RunTerms, StartCheck } from './start-check.ts';

/** A result, and whether it was found just now: for us, or by a run of another process that we waited for. */
export interface SharedResult {
  readonly report: CheckReport;
  readonly from: 'own-run' | 'joined-run' | 'earlier-run';
  /** Since its end. */
  readonly ageMs: number;
}

export interface SharedTerms extends Omit<RunTerms, 'redisAway'> {
  /** An earlier result does not do; a run that is under way does. */
  readonly fresh?: boolean;
}

export interface SharedCheckOptions {
  readonly check: Pick<StartCheck, 'run'>;
  readonly redis: ReturnType<typeof createRedis>;
  /** Resolves to whether Redis can be reached; may wait for it. */
  readonly redisReady: () => Promise<boolean>;
  /** Its address as people may see it. */
  readonly redisLabel: string;
  /** Whom the house asks: results about one upstream and plan say nothing of another. */
  readonly about: readonly string[];
  readonly keptMs?: number;
  readonly lockMs?: number;
  readonly lookAgainMs?: number;
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<unknown>;
}

/** Who waited for a run that met an obstacle is told of it; nobody later is. */
const runKeptMs = 30_000;

/**
 * The check for all instances of the house: at most one run at a time over everything that shares a Redis, its result kept for ten
 * minutes. So restarts and crowds cost the vendor one run. Without Redis there is nothing to share and nothing is asked.
 */
export class SharedCheck {
  readonly #options: Required<SharedCheckOptions>;
  readonly #keys: {
    readonly last: string;
    readonly lock: string;
    readonly run: (id: string) => string;
  };

  constructor(options: SharedCheckOptions) {
    this.#options = {
      keptMs: 600_000,
      lockMs: 15_000,
      lookAgainMs: 200,
      now: Date.now,
      sleep: delay,
      ...options,
    };
    const about = createHash('sha256').update(JSON.stringify(options.about)).digest('base64url');
    const prefix = `${keyPrefix}:check:v1:${about.slice(0, 16)}`;
    this.#keys = {
      last: `${prefix}:last`,
      lock: `${prefix}:lock`,
      run: (id) => `${prefix}:run:${id}`,
    };
  }

  /** The last full result, if it is not older than it is kept. Rejects when Redis is away. */
  async last(): Promise<SharedResult | undefined> {
    const report = readReport(await this.#options.redis.get(this.#keys.last));
    return report && this.#shared(report, 'earlier-run');
  }

  /** Never rejects for what a row met. */
  async run(terms: SharedTerms = {}): Promise<SharedResult> {
    try {
      if (!(await this.#options.redisReady())) {
        throw new Error(`${this.#options.redisLabel} cannot be reached`);
      }
      return await this.#runOnce(terms);
    } catch (thrown) {
      const redisAway = thrown instanceof Error ? thrown : new Error(String(thrown));
      return this.#shared(await this.#options.check.run({ ...terms, redisAway }), 'own-run');
    }
  }

  /** Part of the rows is a question of its own: it joins nobody and leaves no result, but keeps the order. */
  async #runOnce(terms: SharedTerms): Promise<SharedResult> {
    const { redis, lockMs, lookAgainMs, sleep } = this.#options;
    const isWhole = terms.only === undefined;
    const id = randomUUID();
    for (;;) {
      const earlier = isWhole && terms.fresh !== true ? await this.last() : undefined;
      if (earlier) return earlier;
      if ((await redis.set(this.#keys.lock, id, 'PX', lockMs, 'NX')) === 'OK') {
        return this.#runLocked(id, terms, isWhole);
      }
      const other = await redis.get(this.#keys.lock);
      const joined = other !== null && isWhole ? await this.#resultOf(other) : undefined;
      if (joined) return joined;
      if (!isWhole) await sleep(lookAgainMs);
    }
  }

  /** Waits for the run of another process; undefined when that ended without a result, or died. */
  async #resultOf(id: string): Promise<SharedResult | undefined> {
    const { redis, lookAgainMs, sleep } = this.#options;
    for (;;) {
      const holder = await redis.get(this.#keys.lock);
      const report = readReport(await redis.get(this.#keys.run(id)));
      if (report) return this.#shared(report, 'joined-run');
      if (holder !== id) return undefined;
      await sleep(lookAgainMs);
    }
  }

  async #runLocked(id: string, terms: SharedTerms, isWhole: boolean): Promise<SharedResult> {
    const { redis, check, keptMs, lockMs } = this.#options;
    const { lock, last, run } = this.#keys;
    const renewing = setInterval(() => {
      redis.eval(renewLock, 1, lock, id, lockMs).catch(() => undefined);
    }, lockMs / 3);
    renewing.unref();
    try {
      // Another run may have ended between our looking and our lock.
      const earlier = isWhole && terms.fresh !== true ? await this.last() : undefined;
      if (earlier) return earlier;
      const report = await check.run(terms);
      if (isWhole) {
        const text = JSON.stringify(report);
        // What could not be asked is no result for those who come later.
        const keeping =
          report.obstacle === undefined ? redis.set(last, text, 'PX', keptMs) : undefined;
        await Promise.allSettled([redis.set(run(id), text, 'PX', runKeptMs), keeping]);
      }
      return this.#shared(report, 'own-run');
    } finally {
      clearInterval(renewing);
      await redis.eval(releaseLock, 1, lock, id).catch(() => undefined);
    }
  }

  #shared(report: CheckReport, from: SharedResult['from']): SharedResult {
    const ageMs = Math.max(0, this.#options.now() - Date.parse(report.finishedAt));
    return { report, from, ageMs };
  }
}
