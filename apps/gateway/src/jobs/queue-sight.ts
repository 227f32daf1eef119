import { failures, type FailureKind, type FailureRecord } from '@glasshouse/coinglass-client';
import { readOutcome, redisKeys, type JobResult, type Outcome } from '@glasshouse/fetch-queue';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';

/** A job as the queue has it now. Times in epoch ms. */
export interface QueueSight {
  readonly state: 'queued' | 'running' | 'waiting-for-permit' | 'completed' | 'failed';
  readonly addedAt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  /** Runs that ended in an answer or a failure. */
  readonly attempts: number;
  /** When it may go on; absent while nothing but its turn is waited for. */
  readonly resumesAt?: number;
  readonly because?: Extract<Outcome, { state: 'postponed' }>['because'];
  readonly result?: JobResult;
  readonly failure?: FailureRecord;
}

/** Looks at a job in its queue. Undefined: it is not there. Rejects with ioredis' errors. */
export const lookInQueue = async (
  queue: Queue,
  redis: Redis,
  id: string,
): Promise<QueueSight | undefined> => {
  const [state, fields, outcomeText, score] = await Promise.all([
    queue.getJobState(id),
    redis.hgetall(queue.toKey(id)),
    redis.get(redisKeys.outcome(id)),
    redis.zscore(queue.toKey('delayed'), id),
  ]);
  if (state === 'unknown' || fields['timestamp'] === undefined) return undefined;
  const outcome = outcomeText === null ? undefined : readOutcome(outcomeText);
  return {
    ...stateOf(state, outcome, score),
    addedAt: Number(fields['timestamp']),
    attempts: Number(fields['atm'] ?? 0),
    ...timeOf('startedAt', fields['processedOn']),
    ...(state === 'completed' || state === 'failed' ? endOf(state, fields) : {}),
  };
};

const stateOf = (
  state: string,
  outcome: Outcome | undefined,
  score: string | null,
): Pick<QueueSight, 'state' | 'resumesAt' | 'because'> => {
  switch (state) {
    case 'active':
      return { state: 'running' };
    case 'completed':
    case 'failed':
      return { state };
    case 'delayed': {
      // BullMQ keeps 12 bits of order below the time.
      const resumesAt = Math.floor(Number(score) / 0x1000);
      return outcome?.state === 'postponed'
        ? { state: 'waiting-for-permit', resumesAt, because: outcome.because }
        : { state: 'queued', resumesAt };
    }
    default:
      return { state: 'queued' };
  }
};

const timeOf = <Name extends string>(name: Name, text: string | undefined) =>
  text === undefined ? {} : ({ [name]: Number(text) } as Record<Name, number>);

const endOf = (
  state: 'completed' | 'failed',
  fields: Readonly<Record<string, string>>,
): Pick<QueueSight, 'endedAt' | 'result' | 'failure'> => ({
  ...timeOf('endedAt', fields['finishedOn']),
  ...(state === 'completed'
    ? { result: JSON.parse(fields['returnvalue'] ?? '{}') as JobResult }
    : { failure: failureOf(fields['failedReason'] ?? '') }),
});

/** A failed job's reason begins with its kind; one that does not was ended by BullMQ itself. */
const failureOf = (reason: string): FailureRecord => {
  const [, kind = '', detail = ''] = /^([a-z-]+): (.*)$/s.exec(reason) ?? [];
  return Object.hasOwn(failures, kind)
    ? { kind: kind as FailureKind, detail }
    : { kind: 'internal', detail: 'The job was ended by its queue' };
};
