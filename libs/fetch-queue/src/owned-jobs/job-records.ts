import type { FailureRecord } from '@glasshouse/coinglass-client';
import type { Redis, Result } from 'ioredis';
import { keyPrefix, queueNames, redisKeys } from '../keys.ts';
import type { JobResult } from '../job.ts';
import { readJobRecord, type EndState, type JobRecord } from './job-record.ts';
import { beginScript, cancelScript, endScript, withdrawScript } from './scripts.ts';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    glasshouseJobBegin(...args: (string | number)[]): Result<[string, string?], Context>;
    glasshouseJobWithdraw(...args: (string | number)[]): Result<number, Context>;
    glasshouseJobEnd(...args: (string | number)[]): Result<string, Context>;
    glasshouseJobCancel(...args: (string | number)[]): Result<string, Context>;
  }
}

const hours = (count: number): number => count * 3_600_000;

/** As long as a repeated submission finds its job. */
export const submissionKeptForMs = hours(24);
/** Longer than any job lives (24 h), so that a record outlives its job. */
const openKeptForMs = hours(8 * 24);
/** A completed job is of use while its answer may be stored; the others for who asks what went wrong. */
const endKeptForMs: Readonly<Record<EndState, number>> = {
  completed: hours(24),
  failed: hours(7 * 24),
  cancelled: hours(7 * 24),
};
/** Ends kept in each state: of a team, and named in everybody's index. A record takes about 1 kB. */
const endsKeptDefault = { team: 10_000, everybody: 50_000 };

/** `id` of the job that a submission stands for: `begun` now, or `known` from before. `conflict`: another order has the key. */
export type Begun =
  { readonly state: 'begun' | 'known'; readonly id: string } | { readonly state: 'conflict' };

export interface Submission {
  /** Names the team's Idempotency-Key. */
  readonly keyDigest: string;
  readonly orderDigest: string;
}

export interface JobEnding {
  readonly state: EndState;
  readonly result?: JobResult;
  readonly failure?: FailureRecord;
}

/** Where a page of an index goes on: below this time (epoch ms), or at it and below this id. */
export interface IndexPlace {
  readonly createdAt: number;
  readonly id: string;
}

/**
 * The records of jobs that belong to a team, in Redis beside the queue: whose it is, what was asked, how it ended. The record is written
 * before the job is added and outlives it. Rejects with ioredis' errors.
 */
export class JobRecords {
  readonly #redis: Redis;
  readonly #endsKept: typeof endsKeptDefault;

  constructor(redis: Redis, endsKept = endsKeptDefault) {
    this.#redis = redis;
    this.#endsKept = endsKept;
    redis.defineCommand('glasshouseJobBegin', { numberOfKeys: 2, lua: beginScript });
    redis.defineCommand('glasshouseJobWithdraw', { numberOfKeys: 2, lua: withdrawScript });
    redis.defineCommand('glasshouseJobEnd', { numberOfKeys: 3, lua: endScript });
    redis.defineCommand('glasshouseJobCancel', { numberOfKeys: 2, lua: cancelScript });
  }

  async begin(
    id: string,
    { team, order }: Pick<JobRecord, 'team' | 'order'>,
    submission?: Submission,
  ): Promise<Begun> {
    const [state, known] = await this.#redis.glasshouseJobBegin(
      redisKeys.jobRecord(id),
      redisKeys.submission(team, submission?.keyDigest ?? ''),
      id,
      team,
      JSON.stringify(order),
      submission?.orderDigest ?? '',
      redisKeys.jobRecord(''),
      redisKeys.jobIndexes,
      openKeptForMs,
      submissionKeptForMs,
    );
    if (state === 'conflict') return { state };
    return { state: state === 'known' ? 'known' : 'begun', id: known ?? id };
  }

  /** Forgets a job that was begun but that the queue did not take. */
  async withdraw(id: string): Promise<void> {
    await this.#redis.glasshouseJobWithdraw(
      redisKeys.jobRecord(id),
      queuedJob(id),
      id,
      redisKeys.jobIndexes,
    );
  }

  /** Notes an end, unless there was one before. Gives the state that stands; undefined for a job that is nobody's. */
  async end(id: string, { state, ...ending }: JobEnding): Promise<EndState | undefined> {
    const stands = await this.#redis.glasshouseJobEnd(
      redisKeys.jobRecord(id),
      queuedJob(id),
      redisKeys.cancelled(id),
      id,
      state,
      JSON.stringify(ending),
      redisKeys.jobIndexes,
      redisKeys.jobRecord(''),
      endKeptForMs[state],
      this.#endsKept.team,
      this.#endsKept.everybody,
    );
    return stands === '' ? undefined : (stands as EndState);
  }

  /** Raises the flag that a running job looks at, unless the job has ended. Gives its end, `open`, or undefined if there is none. */
  async requestCancel(id: string): Promise<EndState | 'open' | undefined> {
    const state = await this.#redis.glasshouseJobCancel(
      redisKeys.jobRecord(id),
      redisKeys.cancelled(id),
      hours(25),
    );
    return state === '' ? undefined : (state as EndState | 'open');
  }

  /** Which of these jobs are to stop. */
  async cancelled(ids: readonly string[]): Promise<readonly string[]> {
    if (ids.length === 0) return [];
    const flags = await this.#redis.mget(ids.map(redisKeys.cancelled));
    return ids.filter((_id, index) => flags[index] !== null);
  }

  async read(id: string): Promise<JobRecord | undefined> {
    return readJobRecord(id, await this.#redis.hgetall(redisKeys.jobRecord(id)));
  }

  /** Ids of jobs in this state, newest first, below the place if there is one; `*`: every team's. */
  async page(
    team: string,
    state: EndState | 'open',
    { below, limit }: { readonly below?: IndexPlace | undefined; readonly limit: number },
  ): Promise<readonly IndexPlace[]> {
    const from = below === undefined ? '+inf' : String(below.createdAt);
    // Some may share the place's millisecond and have been told already.
    const found = await this.#redis.zrange(
      redisKeys.jobIndex(team, state),
      from,
      '-inf',
      'BYSCORE',
      'REV',
      'LIMIT',
      0,
      limit + sameMsMax,
      'WITHSCORES',
    );
    const places = pairs(found).map(([id, score]) => ({ id, createdAt: Number(score) }));
    return places.filter((place) => below === undefined || isBelow(place, below)).slice(0, limit);
  }
}

/** How many jobs of one millisecond a page can step over. */
const sameMsMax = 200;

/** Newest first; those of one moment in falling order of their ids, as Redis has them. */
export const isBelow = (place: IndexPlace, other: IndexPlace): boolean =>
  place.createdAt < other.createdAt || (place.createdAt === other.createdAt && place.id < other.id);

/** BullMQ's own key of a job on the shared queue. */
const queuedJob = (id: string): string => `${keyPrefix}:${queueNames.shared}:${id}`;

const pairs = (flat: readonly string[]): [string, string][] =>
  Array.from({ length: flat.length / 2 }, (_, index) => [
    flat[2 * index] ?? '',
    flat[2 * index + 1] ?? '',
  ]);
