import type { Redis } from 'ioredis';
import { redisKeys } from '../keys.ts';
import type { JobEnding } from '../owned-jobs/job-records.ts';
import type { Outcome } from './outcome.ts';

/** Long enough for the slowest poll of the longest wait; after that nobody waits any more. */
const outcomeKeptForMs = 120_000;

/**
 * Tells whoever waits what became of a job: kept under the job's id for those who poll, and published for those who listen.
 * Waiting never relies on one signal alone; rejects only when both failed.
 */
export const announce = async (redis: Redis, outcome: Outcome): Promise<void> => {
  const told = JSON.stringify(outcome);
  const kept = 'answer' in outcome ? JSON.stringify({ ...outcome, answer: undefined }) : told;
  const [keeping, publishing] = await Promise.allSettled([
    redis.set(redisKeys.outcome(outcome.jobId), kept, 'PX', outcomeKeptForMs),
    redis.publish(redisKeys.outcomes, told),
  ]);
  if (keeping.status === 'rejected' && publishing.status === 'rejected') throw keeping.reason;
};

/** How an outcome ends a job; undefined for one that is no end. */
export const endingOf = (outcome: Outcome): JobEnding | undefined => {
  switch (outcome.state) {
    case 'answered':
      return { state: 'completed', result: outcome.result };
    case 'failed': {
      const { failure } = outcome;
      return { state: failure.kind === 'cancelled' ? 'cancelled' : 'failed', failure };
    }
    case 'postponed':
      return undefined;
  }
};
