import type { FailureRecord } from '@glasshouse/coinglass-client';
import type { FetchJobInput, JobResult } from '../job.ts';

/** What a submitter asks; on whose account it is comes from their key, and the trace from their request. */
export type JobOrder = Omit<FetchJobInput, 'team' | 'traceparent'>;

export const endStates = ['completed', 'failed', 'cancelled'] as const;
export type EndState = (typeof endStates)[number];

export const isEndState = (state: unknown): state is EndState =>
  endStates.includes(state as EndState);

/** How an owned job ended; it never changes. */
export interface JobEnd {
  readonly state: EndState;
  /** Epoch ms. */
  readonly endedAt: number;
  /** Epoch ms of the last run's begin; absent if it never ran. */
  readonly startedAt?: number;
  /** Runs that ended in an answer or a failure, the last one included. */
  readonly attempts?: number;
  readonly result?: JobResult;
  readonly failure?: FailureRecord;
}

/** What the house remembers of a job that belongs to a team. */
export interface JobRecord {
  readonly id: string;
  readonly team: string;
  readonly order: JobOrder;
  /** Epoch ms, by Redis' clock. */
  readonly createdAt: number;
  /** It runs and has been told to stop. */
  readonly cancelling: boolean;
  readonly end?: JobEnd;
}

/** Undefined for what is no record: expired, or not ours. */
export const readJobRecord = (
  id: string,
  fields: Readonly<Record<string, string>>,
): JobRecord | undefined => {
  const { team, order, createdAt, state, ending, cancelling } = fields;
  if (team === undefined || order === undefined || createdAt === undefined) return undefined;
  return {
    id,
    team,
    order: JSON.parse(order) as JobOrder,
    createdAt: Number(createdAt),
    cancelling: cancelling !== undefined,
    ...(isEndState(state) && {
      end: {
        ...(JSON.parse(ending ?? '{}') as Pick<JobEnd, 'result' | 'failure'>),
        state,
        endedAt: Number(fields['endedAt']),
        ...numberOf('startedAt', fields['startedAt']),
        ...numberOf('attempts', fields['attempts']),
      },
    }),
  };
};

const numberOf = <Name extends string>(name: Name, text: string | undefined) =>
  text === undefined ? {} : ({ [name]: Number(text) } as Record<Name, number>);
