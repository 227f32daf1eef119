import type { Redis } from 'ioredis';
import type { ArmName } from '../arm.ts';
import type { ErrorGroup } from './minute-counts.ts';
import {
  noCalls,
  noRequests,
  type CallOutcome,
  type CanaryClient,
  type FetcherMinute,
} from './fetcher-minute.ts';
import { periodBegin } from './period.ts';
import { ledgerKeys } from './redis-keys.ts';

export interface MinuteLedgerOptions {
  /** Fails fast: what cannot be written now is written with the next flush. */
  readonly redis: Pick<Redis, 'status' | 'multi'>;
  /** Names this process among all that ever count; no other may have the same. */
  readonly instance: string;
  /** The length of a period, in ms: CANARY_MINUTE_MS. */
  readonly periodMs: number;
  /** Which canary this fetcher runs. */
  readonly canary: CanaryClient;
  readonly now?: () => number;
}

export interface CountedCall {
  /** An endpoint's id. */
  readonly operation: string;
  readonly arm: ArmName;
  readonly outcome: CallOutcome;
  readonly traceId?: string | undefined;
}

interface Period {
  readonly counts: FetcherMinute;
  changed: boolean;
}

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };

const flushMsMax = 1_000;
/** Flushes per period, when it is scaled. */
const flushesPerPeriod = 5;
/** Periods kept for a Redis that is away; also how far back a request may still be counted beside its permit. */
const periodsMax = 30;
/** A period is told for so long: whoever reads may have been away for a while. */
const keptPeriods = 240;
const keptMsMin = 600_000;
/** A fetcher that has not said for so long what it runs is gone. */
export const announcedMs = 15_000;

/**
 * Counts what both arms do and writes it to Redis about once a second, so that counting costs a request nothing. What is written are
 * whole figures of a period in a field of this process's own: a write that failed, or whose reply was lost, is simply repeated, and
 * `permits` and `sent` appear together or not at all. With Redis away the newest periods wait for it.
 */
export class MinuteLedger {
  readonly #options: MinuteLedgerOptions;
  readonly #now: () => number;
  /** By begin, oldest first as long as time goes forward. */
  readonly #periods = new Map<number, Period>();
  #announcedAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> = Promise.resolve();

  constructor(options: MinuteLedgerOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  start(): void {
    const everyMs = Math.min(flushMsMax, Math.ceil(this.#options.periodMs / flushesPerPeriod));
    this.#timer = setInterval(() => void this.flush(), everyMs);
    this.#timer.unref();
    void this.flush();
  }

  /** Writes what is left. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  /** A logical call has come to its end. */
  count({ operation, arm, outcome, traceId }: CountedCall): void {
    const counts = this.#at(this.#now());
    const calls = (counts.operations[operation] ??= {
      baseline: { ...noCalls },
      canary: { ...noCalls },
    });
    calls[arm][outcome] += 1;
    if (outcome !== 'ok') this.#trace({ operation, arm, group: outcome, traceId });
  }

  /** A permit was granted, at `at` (epoch ms). */
  permit(arm: ArmName, at: number): void {
    this.#at(at).requests[arm].permits += 1;
  }

  /** A permit granted at `at` was given back: certainly nothing was sent for it, and its slot is another's now. */
  permitReturned(arm: ArmName, at: number): void {
    const { requests } = this.#at(at);
    requests[arm].permits = Math.max(0, requests[arm].permits - 1);
  }

  /**
   * The first byte of a request went out. It is counted in the period of its permit, granted at `permittedAt` (epoch ms): two periods'
   * figures must not show a leak because a connection took its time.
   */
  sent(arm: ArmName, permittedAt: number): void {
    this.#at(permittedAt).requests[arm].sent += 1;
  }

  /** A request was answered with 429. */
  throttled(
    arm: ArmName,
    { operation, traceId }: Pick<CountedCall, 'operation' | 'traceId'>,
  ): void {
    this.#at(this.#now()).requests[arm].throttled += 1;
    this.#trace({ operation, arm, group: 'throttled', traceId });
  }

  /** What the vendor says of the key's use in its current minute. */
  vendorSaid({ used, limit }: { readonly used?: number; readonly limit?: number }): void {
    const counts = this.#at(this.#now());
    if (used !== undefined) counts.vendorUsed = Math.max(used, counts.vendorUsed ?? 0);
    if (limit !== undefined) counts.vendorLimit = Math.max(limit, counts.vendorLimit ?? 0);
  }

  /** Requests per window that the limiter holds to. */
  limitInForce(limit: number): void {
    const counts = this.#at(this.#now());
    counts.limitInForce = Math.max(limit, counts.limitInForce ?? 0);
  }

  /** Never rejects. One at a time: an older figure must not overtake a newer one. */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#write()).catch(() => undefined);
    return this.#flushing;
  }

  async #write(): Promise<void> {
    const { redis, instance, periodMs, canary } = this.#options;
    const now = this.#now();
    const changed = [...this.#periods].filter(([, period]) => period.changed);
    const announces = now - this.#announcedAt >= announcedMs / 3;
    if (redis.status !== 'ready' || (changed.length === 0 && !announces)) return;
    const writing = redis.multi();
    for (const [at, period] of changed) {
      const key = ledgerKeys.minute(at);
      writing.hset(key, instance, JSON.stringify(period.counts));
      writing.pexpire(key, Math.max(keptMsMin, keptPeriods * periodMs));
      // Set back before the reply is there, so that what is counted meanwhile is not forgotten.
      period.changed = false;
    }
    if (announces) {
      writing.zadd(ledgerKeys.fetchers, now, JSON.stringify({ instance, canary }));
      writing.zremrangebyscore(ledgerKeys.fetchers, '-inf', now - announcedMs);
      writing.pexpire(ledgerKeys.fetchers, 10 * announcedMs);
    }
    try {
      const replies = await writing.exec();
      if (!replies || replies.some(([error]) => error)) throw new Error('not all was written');
      if (announces) this.#announcedAt = now;
    } catch {
      for (const [, period] of changed) period.changed = true;
    }
  }

  #at(time: number): FetcherMinute {
    const begin = periodBegin(time, this.#options.periodMs);
    let period = this.#periods.get(begin);
    if (!period) {
      this.#periods.set(begin, (period = { counts: nothing(), changed: true }));
      if (this.#periods.size > periodsMax) {
        this.#periods.delete(Math.min(...this.#periods.keys()));
      }
    }
    period.changed = true;
    return period.counts;
  }

  #trace(trace: {
    readonly operation: string;
    readonly arm: ArmName;
    readonly group: ErrorGroup | 'throttled';
    readonly traceId?: string | undefined;
  }): void {
    const { traceId } = trace;
    if (traceId === undefined) return;
    const { traces } = this.#at(this.#now());
    const known: Mutable<(typeof traces)[number]> | undefined = traces.find(
      ({ operation, arm, group }) =>
        operation === trace.operation && arm === trace.arm && group === trace.group,
    );
    if (known) known.traceId = traceId;
    else traces.push({ ...trace, traceId });
  }
}

const nothing = (): FetcherMinute => ({
  operations: {},
  requests: { baseline: { ...noRequests }, canary: { ...noRequests } },
  traces: [],
});
