import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import type { FailureRecord } from '@glasshouse/coinglass-client';
import type { Redis, Result } from 'ioredis';
import { backfillKey, backfillKeys, backfillsOfKey } from './backfill-keys.ts';
import type { Backfill, BackfillOrder, BackfillPage, BackfillState } from './backfill.ts';
import { createScript, endScript, reopenScript } from './scripts.ts';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    glasshouseBackfillCreate(...args: (string | number)[]): Result<Creating, Context>;
    glasshouseBackfillEnd(...args: (string | number)[]): Result<Ending, Context>;
    glasshouseBackfillReopen(...args: (string | number)[]): Result<Reopening, Context>;
  }
}

/**
 * `known`: the same order under this id is there already. `conflict`: another one is. `too-many`: the team has as many under way as it
 * may. `full`: the rows would not fit beside what is kept.
 */
export type Creating = 'created' | 'known' | 'conflict' | 'too-many' | 'full';
export type Ending = 'ended' | 'over' | 'unknown';
export type Reopening = 'reopened' | 'running' | 'complete' | 'unknown';

export interface BackfillStoreOptions {
  readonly redis: Redis;
  /** All pages of all backfills together; what is under way counts with what it may become. */
  readonly bytesMax?: number;
  /** Backfills of one team that may be under way at the same time. */
  readonly activeMax?: number;
}

/** Which vendor the pages come from: what one upstream began, no other goes on with. */
export interface BackfillUpstream {
  readonly origin: string;
  readonly plan: string;
}

export const upstreamName = ({ origin, plan }: BackfillUpstream): string => `${origin} ${plan}`;

/** A backfill and its pages are kept for so long after the last thing that happened to it. */
export const backfillKeptMs = 7 * 24 * 3_600_000;
export const backfillsActiveMax = 20;
export const backfillBytesMax = 256 * 1024 * 1024;
/** A row takes 30 to 45 bytes compressed. */
const bytesPerRow = 64;

const decompressed = promisify(zstdDecompress);

/**
 * Backfills in Redis, out of the answer store's eviction: what is ordered, what has become of it, and the rows that are there. Fetching
 * pages is the business of PageLeases. Rejects with ioredis' errors; callers turn those into `store-unavailable`.
 */
export class BackfillStore {
  readonly #redis: Redis;
  readonly #bytesMax: number;
  readonly #activeMax: number;

  constructor(options: BackfillStoreOptions) {
    const { redis, bytesMax = backfillBytesMax, activeMax = backfillsActiveMax } = options;
    this.#redis = redis;
    this.#bytesMax = bytesMax;
    this.#activeMax = activeMax;
    const numberOfKeys = backfillKeys.length;
    redis.defineCommand('glasshouseBackfillCreate', { numberOfKeys, lua: createScript });
    redis.defineCommand('glasshouseBackfillEnd', { numberOfKeys, lua: endScript });
    redis.defineCommand('glasshouseBackfillReopen', { numberOfKeys, lua: reopenScript });
  }

  /** Keeps an order and all that is needed to go on with it. `digest`: of what was asked, so that an id never stands for two orders. */
  async create(
    order: BackfillOrder,
    { digest, upstream }: { readonly digest: string; readonly upstream: BackfillUpstream },
  ): Promise<Creating> {
    const { id, team, plan } = order;
    const creating = await this.#redis.glasshouseBackfillCreate(
      ...backfillKeys,
      id,
      backfillKeptMs,
      JSON.stringify(order),
      digest,
      plan.pages,
      team.id,
      team.weight,
      upstreamName(upstream),
      plan.candles * bytesPerRow,
      this.#bytesMax,
      this.#activeMax,
    );
    if (creating === 'created') {
      await this.#redis
        .pipeline()
        .zadd(backfillsOfKey(team.id), order.createdAt, id)
        .pexpire(backfillsOfKey(team.id), backfillKeptMs)
        .exec();
    }
    return creating;
  }

  async find(id: string): Promise<Backfill | undefined> {
    const record = await this.#redis.hgetall(backfillKey(id));
    return toBackfill(record);
  }

  /** A team's backfills, the newest first. */
  async list(teamId: string, atMost: number): Promise<Backfill[]> {
    const ids = await this.#redis.zrevrange(backfillsOfKey(teamId), 0, atMost - 1);
    const found = await Promise.all(ids.map((id) => this.find(id)));
    return found.filter((backfill) => backfill !== undefined);
  }

  /** Everything under way, of all teams. */
  async active(): Promise<Backfill[]> {
    const ids = await this.#redis.zrange(backfillKeys[1], 0, '-1');
    const found = await Promise.all(ids.map((id) => this.find(id)));
    return found.filter((backfill) => backfill !== undefined);
  }

  /** By page number, from 0. What is not there is still to come. */
  async pages(id: string): Promise<Map<number, BackfillPage>> {
    const pages = await this.#redis.hgetall(backfillKey(id, 'pages'));
    return new Map(
      Object.entries(pages)
        .map(([page, text]) => [Number(page), JSON.parse(text) as BackfillPage] as const)
        .sort(([a], [b]) => a - b),
    );
  }

  /** The lines of a stored page, see `PageRows.lines`. */
  async lines(id: string, page: number): Promise<string | undefined> {
    const bytes = await this.#redis.hgetBuffer(backfillKey(id, 'data'), String(page));
    return bytes === null ? undefined : (await decompressed(bytes)).toString();
  }

  /** Ends one that is under way; pages in flight are not stored any more. */
  async end(
    id: string,
    state: Extract<BackfillState, 'failed' | 'cancelled'>,
    more: { readonly failure?: FailureRecord; readonly permits?: number } = {},
  ): Promise<Ending> {
    const { failure, permits = 0 } = more;
    return this.#redis.glasshouseBackfillEnd(
      ...backfillKeys,
      id,
      backfillKeptMs,
      state,
      failure === undefined ? '' : JSON.stringify(failure),
      permits,
    );
  }

  /** Fetches once more what is not stored, of one that is over. */
  async reopen(id: string): Promise<Reopening> {
    return this.#redis.glasshouseBackfillReopen(...backfillKeys, id, backfillKeptMs);
  }
}

const toBackfill = (record: Readonly<Record<string, string>>): Backfill | undefined => {
  const { order, state, failure, waiting } = record;
  if (order === undefined || state === undefined) return undefined;
  const count = (field: string): number => Number(record[field] ?? 0);
  const moment = (field: 'startedAt' | 'lastPageAt' | 'endedAt') =>
    record[field] === undefined ? {} : { [field]: Number(record[field]) };
  return {
    order: JSON.parse(order) as BackfillOrder,
    state: state as BackfillState,
    done: count('done'),
    lost: count('lost'),
    rows: count('rows'),
    permits: count('permits'),
    bytes: count('bytes'),
    ...moment('startedAt'),
    ...moment('lastPageAt'),
    ...moment('endedAt'),
    ...(failure !== undefined && { failure: JSON.parse(failure) as FailureRecord }),
    ...(waiting !== undefined && { waiting: JSON.parse(waiting) as Backfill['waiting'] & object }),
  };
};
