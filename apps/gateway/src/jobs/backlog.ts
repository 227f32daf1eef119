import { Failure } from '@glasshouse/coinglass-client';
import type { Queue } from 'bullmq';

/** Jobs that may wait on the shared queue: about an hour of the bulk lane at 250 requests a minute. */
export const backlogMax = 14_000;
/** The share of the limit that the bulk lane may take. */
const bulkShare = 0.9;

export interface BacklogTerms {
  /** Requests per minute to CoinGlass. */
  readonly rpm: number;
  /** Epoch ms after which the answer is of no use. */
  readonly deadlineAt: number | undefined;
  readonly now: number;
}

/**
 * Refuses a job that would wait too long behind what waits already, each job counted as one request. The quoted wait is how long until
 * there is room, or until the job could begin by its deadline.
 * @throws Failure `queue-full`
 */
export const ensureRoom = (waiting: number, { rpm, deadlineAt, now }: BacklogTerms): void => {
  const perMs = (rpm * bulkShare) / 60_000;
  if (waiting >= backlogMax) {
    throw queueFull(`${waiting} jobs wait already`, (waiting - backlogMax + 1) / perMs);
  }
  const beginsInMs = waiting / perMs;
  if (deadlineAt === undefined || now + beginsInMs <= deadlineAt) return;
  throw queueFull(
    `behind ${waiting} jobs it would begin in ${Math.ceil(beginsInMs / 1_000)} s, after its deadline`,
    now + beginsInMs - deadlineAt,
  );
};

const queueFull = (why: string, waitMs: number): Failure =>
  new Failure('queue-full', `The queue is too long: ${why}`, {
    retryAfterMs: Math.max(1_000, Math.ceil(waitMs)),
  });

/** Jobs that wait on a queue, whatever for. */
export const waitingOn = async (queue: Queue): Promise<number> => {
  const counts = await queue.getJobCounts('waiting', 'prioritized', 'delayed');
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
};
