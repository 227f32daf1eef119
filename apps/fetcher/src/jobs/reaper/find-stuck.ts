import { Failure } from '@glasshouse/coinglass-client';
import { backlogMax, keyPrefix, queueNames, waitForRoomMs } from '@glasshouse/fetch-queue';
import type { createRedis } from '@glasshouse/service-kit';
import { stallsMax } from '../readable-job.ts';
import type { Ending } from './end-job.ts';

type Redis = ReturnType<typeof createRedis>;

/** Looks for jobs that nobody will end; `now` in epoch ms. Reads only. */
export type FindStuck = (redis: Redis, now: number) => Promise<Ending[]>;

/** As many are ended in one go; the next sweep finds the rest. */
const atOnceMax = 500;
const hourMs = 3_600_000;
/** No job may be put off further, or wait longer for its children, than a job may live. */
const putOffMaxMs = 24 * hourMs;
/** The delayed set's scores are ms times this (BullMQ keeps order within a ms in the rest). */
const delayedScore = 0x1000;

const keyOf = (name: string): string => `${keyPrefix}:${queueNames.shared}:${name}`;

/** BullMQ's worker throws on each take of such a job, and it would go round for ever. */
const isUnreadable = (text: string | null | undefined, mayBeNull: boolean): boolean => {
  if (text === null || text === undefined) return false;
  try {
    return JSON.parse(text) === null && !mayBeNull;
  } catch {
    return true;
  }
};

/** Jobs that were taken but that BullMQ cannot read, and those that stalled on and on with nobody to hold them. */
export const stuckActive: FindStuck = async (redis) => {
  const jobIds = await redis.lrange(keyOf('active'), 0, atOnceMax - 1);
  if (jobIds.length === 0) return [];
  const looks = redis.pipeline();
  for (const jobId of jobIds) {
    looks.hmget(keyOf(jobId), 'opts', 'progress', 'parent', 'stc');
    looks.exists(keyOf(`${jobId}:lock`));
  }
  const seen = (await looks.exec()) ?? [];
  return jobIds.flatMap((jobId, index): Ending[] => {
    const [opts, progress, parent, stalls] = (seen[2 * index]?.[1] ?? []) as (string | null)[];
    const held = seen[2 * index + 1]?.[1] === 1;
    const at = { jobId, from: 'active' as const };
    const unreadable =
      isUnreadable(opts, false) || isUnreadable(progress, true) || isUnreadable(parent, true);
    if (unreadable) {
      const failure = new Failure(
        'invalid-job',
        'opts: what BullMQ stores beside the data is not JSON',
      );
      return [{ ...at, failure, unreadable: true }];
    }
    const lost = !held && Number(stalls ?? 0) > stallsMax + 1;
    const failure = new Failure('poison-job', `The job has stopped its worker ${stalls} times`);
    return lost ? [{ ...at, failure }] : [];
  });
};

/** Jobs that are put off beyond any life of a job, such as by a delay of 1e18 ms. */
export const putOffForEver: FindStuck = async (redis, now) => {
  const from = (now + putOffMaxMs + hourMs) * delayedScore;
  const jobIds = await redis.zrangebyscore(keyOf('delayed'), from, '+inf', 'LIMIT', 0, atOnceMax);
  const failure = new Failure('invalid-job', 'delay: a job is put off by 24 h at most');
  return jobIds.map((jobId) => ({ jobId, from: 'delayed', failure }));
};

/** Parents of a flow whose children do not come. */
export const waitingForEver: FindStuck = async (redis, now) => {
  const name = 'waiting-children' as const;
  const jobIds = await redis.zrangebyscore(
    keyOf(name),
    0,
    now - putOffMaxMs,
    'LIMIT',
    0,
    atOnceMax,
  );
  const failure = new Failure('invalid-job', 'children: none of them came within 24 h');
  return jobIds.map((jobId) => ({ jobId, from: name, failure }));
};

/**
 * What was added over the bound of the shared queue by producers that do not look: the newest ones. A job that has been taken
 * before was within the bound once and stays.
 */
export const overBacklog: FindStuck = async (redis) => {
  const over = (await redis.llen(keyOf('wait'))) - backlogMax;
  if (over <= 0) return [];
  const jobIds = await redis.lrange(keyOf('wait'), 0, Math.min(over, atOnceMax) - 1);
  const looks = redis.pipeline();
  for (const jobId of jobIds) looks.hget(keyOf(jobId), 'ats');
  const taken = (await looks.exec()) ?? [];
  const failure = new Failure('queue-full', `Over ${backlogMax} jobs wait; add it again later`, {
    retryAfterMs: waitForRoomMs(over),
  });
  return jobIds
    .filter((_, index) => taken[index]?.[1] == null)
    .map((jobId) => ({ jobId, from: 'wait', failure }));
};
