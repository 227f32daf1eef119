import { newJobId, type openQueue } from '@glasshouse/fetch-queue';
import type { createRedis } from '@glasshouse/service-kit';

type Redis = ReturnType<typeof createRedis>;

export interface FailedJobsParts {
  readonly queue: ReturnType<typeof openQueue>;
  readonly redis: Redis;
  /** Who does it, for the record on the job. */
  readonly by: string;
  readonly now?: () => number;
}

/** A job that has failed for good, as it lies in Redis; whatever a stranger wrote into it is text. */
export interface FailedJob {
  readonly id: string;
  readonly failedReason: string;
  /** Epoch ms; 0 when the job does not tell. */
  readonly addedAt: number;
  readonly failedAt: number;
  readonly attempts: number;
  readonly data: string;
  /** The id of the job that was made of it, who made it, and when (epoch ms). */
  readonly replayedAs?: string;
  readonly replayedBy?: string;
  readonly replayedAt?: number;
}

/** What became of a replay. A passed deadline does not come along: the new job would end at once. */
export interface Replay {
  readonly jobId: string;
  /** It had been replayed before, as this job; nothing was added. */
  readonly before: boolean;
  readonly deadlineDropped: boolean;
}

/** Ids looked at in one go; as many failed jobs as are kept at most are 50 of them. */
const pageSize = 200;

/** The failed jobs of one queue: kept for 7 days, the newest 10,000. Read field by field, so that no single job spoils the list. */
export class FailedJobs {
  readonly #parts: Required<FailedJobsParts>;

  constructor(parts: FailedJobsParts) {
    this.#parts = { now: Date.now, ...parts };
  }

  /** The newest first. `kind`: a failure kind, or none for all. */
  async list({
    kind,
    limit,
  }: {
    readonly kind?: string;
    readonly limit: number;
  }): Promise<FailedJob[]> {
    const { queue, redis } = this.#parts;
    const found: FailedJob[] = [];
    for (let from = 0; found.length < limit; from += pageSize) {
      const ids = await redis.zrevrange(queue.toKey('failed'), from, from + pageSize - 1);
      if (ids.length === 0) break;
      const jobs = await Promise.all(ids.map((id) => this.find(id)));
      found.push(
        ...(jobs.filter(
          (job) =>
            job !== undefined && (kind === undefined || job.failedReason.startsWith(`${kind}: `)),
        ) as FailedJob[]),
      );
    }
    return found.slice(0, limit);
  }

  /** Undefined for a job that is not there, or has not failed. */
  async find(id: string): Promise<FailedJob | undefined> {
    const { queue, redis } = this.#parts;
    const [score, job] = await Promise.all([
      redis.zscore(queue.toKey('failed'), id),
      redis.hgetall(queue.toKey(id)),
    ]);
    if (score === null) return undefined;
    const { replayedAs, replayedBy, replayedAt } = job;
    return {
      id,
      failedReason: job['failedReason'] ?? '',
      addedAt: Number(job['timestamp']) || 0,
      failedAt: Number(job['finishedOn']) || 0,
      attempts: Number(job['atm']) || 0,
      data: job['data'] ?? '',
      ...(replayedAs !== undefined && { replayedAs }),
      ...(replayedBy !== undefined && { replayedBy }),
      ...(replayedAt !== undefined && { replayedAt: Number(replayedAt) }),
    };
  }

  /**
   * Adds a job with the same data under a new id. The failed one keeps the new id, so that it is replayed once, however often and by
   * however many this is called. Throws a `SyntaxError` for data that is no JSON.
   */
  async replay({ id, data: text }: FailedJob): Promise<Replay> {
    const { queue, redis, by, now } = this.#parts;
    const key = queue.toKey(id);
    const { data, deadlineDropped } = withoutPassedDeadline(JSON.parse(text), now());
    const drawn = newJobId();
    const claimed = (await redis.hsetnx(key, 'replayedAs', drawn)) === 1;
    const jobId = claimed ? drawn : ((await redis.hget(key, 'replayedAs')) ?? drawn);
    const before = !claimed && (await redis.exists(queue.toKey(jobId))) === 1;
    if (!before) {
      // The same id for everybody, so an add that is repeated after a crash adds nothing.
      const job = await queue.add('replay', data, { jobId });
      const record = { replayedBy: by, replayedAt: now() };
      await redis.hset(key, record);
      await job.log(`replay of ${id} by ${by} at ${new Date(record.replayedAt).toISOString()}`);
    }
    return { jobId, before, deadlineDropped };
  }

  /** Removes a failed job for good. False when it was not there. */
  async discard({ id }: Pick<FailedJob, 'id'>): Promise<boolean> {
    return (await this.#parts.queue.remove(id)) === 1;
  }
}

const withoutPassedDeadline = (
  data: unknown,
  now: number,
): { readonly data: unknown; readonly deadlineDropped: boolean } => {
  if (typeof data !== 'object' || data === null || !('deadlineAt' in data)) {
    return { data, deadlineDropped: false };
  }
  const { deadlineAt, ...rest } = data;
  const passed = typeof deadlineAt === 'number' && deadlineAt <= now;
  return { data: passed ? rest : data, deadlineDropped: passed };
};
