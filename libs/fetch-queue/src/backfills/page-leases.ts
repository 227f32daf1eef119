import { promisify } from 'node:util';
import { zstdCompress } from 'node:zlib';
import { intervalMs } from '@glasshouse/coinglass-client';
import type { Redis, Result } from 'ioredis';
import { backfillKeys } from './backfill-keys.ts';
import { backfillKeptMs, upstreamName, type BackfillUpstream } from './backfill-store.ts';
import type { BackfillOrder, LostPage, StoredPage } from './backfill.ts';
import { claimScript, loseScript, postponeScript, renewScript, storeScript } from './scripts.ts';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    glasshouseBackfillClaim(
      ...args: (string | number)[]
    ): Result<[string, string, number, number] | null, Context>;
    glasshouseBackfillRenew(...args: (string | number)[]): Result<number, Context>;
    glasshouseBackfillStore(...args: (string | number | Buffer)[]): Result<Storing, Context>;
    glasshouseBackfillLose(...args: (string | number)[]): Result<'lost' | 'over', Context>;
    glasshouseBackfillPostpone(...args: (string | number)[]): Result<number, Context>;
  }
}

/** `known`: somebody else stored the page meanwhile. `over`: the backfill has ended or is gone. */
export type Storing = 'stored' | 'known' | 'over';

/** The right to fetch one page, until the lease runs out. */
export interface PageLease {
  readonly order: BackfillOrder;
  /** From 0. */
  readonly page: number;
  /** How often it has been taken, this time included; over 1 after a failure or a process that died. */
  readonly tries: number;
  /** No page of the backfill is stored yet, and no other one is under way. */
  readonly scout: boolean;
  readonly token: string;
}

export interface Postponement {
  readonly waitMs: number;
  /** Requests that this try has cost. */
  readonly permits: number;
  /** Told to who looks. */
  readonly because?: string;
  /** The page could not even be asked for. */
  readonly noTry: boolean;
  /** The vendor did not answer: the other pages wait, too. */
  readonly vendorAway: boolean;
}

const compressed = promisify(zstdCompress);

/**
 * Who fetches which page. A page is leased, so that a process that dies gives it back by its silence, and what is stored is never
 * leased again: only pages in flight at a crash are paid for twice. Rejects with ioredis' errors.
 */
export class PageLeases {
  readonly #redis: Redis;
  readonly #upstream: string;
  readonly #leaseMs: number;

  constructor(options: {
    readonly redis: Redis;
    readonly upstream: BackfillUpstream;
    readonly leaseMs: number;
  }) {
    const { redis, upstream, leaseMs } = options;
    this.#redis = redis;
    this.#upstream = upstreamName(upstream);
    this.#leaseMs = leaseMs;
    const numberOfKeys = backfillKeys.length;
    redis.defineCommand('glasshouseBackfillClaim', { numberOfKeys, lua: claimScript });
    redis.defineCommand('glasshouseBackfillRenew', { numberOfKeys, lua: renewScript });
    redis.defineCommand('glasshouseBackfillStore', { numberOfKeys, lua: storeScript });
    redis.defineCommand('glasshouseBackfillLose', { numberOfKeys, lua: loseScript });
    redis.defineCommand('glasshouseBackfillPostpone', { numberOfKeys, lua: postponeScript });
  }

  /** The next page of any backfill of this upstream, teams in turn by their weights; undefined when none is due. */
  async claim(token: string): Promise<PageLease | undefined> {
    const claimed = await this.#redis.glasshouseBackfillClaim(
      ...backfillKeys,
      '',
      backfillKeptMs,
      this.#upstream,
      token,
      this.#leaseMs,
    );
    if (claimed === null) return undefined;
    const [page, text, tries, scout] = claimed;
    const order = JSON.parse(text) as BackfillOrder;
    return { order, page: Number(page), tries, scout: scout === 1, token };
  }

  /** False when the page is no longer ours: the lease ran out, or the backfill is over. */
  async renew(lease: PageLease): Promise<boolean> {
    const args = [...this.#named(lease), this.#leaseMs];
    return (await this.#redis.glasshouseBackfillRenew(...backfillKeys, ...args)) === 1;
  }

  async store(lease: PageLease, facts: StoredPage, lines: string): Promise<Storing> {
    return this.#redis.glasshouseBackfillStore(
      ...backfillKeys,
      ...this.#named(lease),
      JSON.stringify(facts),
      await compressed(lines),
      facts.rows,
      candlesIn(facts, lease.order),
      facts.permits,
    );
  }

  /** Gives the page up for good. */
  async lose(lease: PageLease, page: LostPage): Promise<'lost' | 'over'> {
    const args = [...this.#named(lease), JSON.stringify(page), page.permits];
    return this.#redis.glasshouseBackfillLose(...backfillKeys, ...args);
  }

  /** Gives the page back: it is due again after the wait. */
  async postpone(
    lease: PageLease,
    { waitMs, permits, because = '', noTry, vendorAway }: Postponement,
  ): Promise<void> {
    await this.#redis.glasshouseBackfillPostpone(
      ...backfillKeys,
      ...this.#named(lease),
      Math.ceil(waitMs),
      permits,
      because,
      noTry ? 1 : 0,
      vendorAway ? 1 : 0,
    );
  }

  #named({ order, page, token }: PageLease): (string | number)[] {
    return [order.id, backfillKeptMs, String(page).padStart(5, '0'), token];
  }
}

const candlesIn = ({ missing }: StoredPage, { plan }: BackfillOrder): number =>
  missing.reduce(
    (sum, { from, to }) => sum + Math.ceil((to - from) / intervalMs[plan.interval]),
    0,
  );
