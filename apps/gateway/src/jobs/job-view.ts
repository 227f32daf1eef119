import { failures, type FailureRecord } from '@glasshouse/coinglass-client';
import type { JobOrder, JobRecord } from '@glasshouse/fetch-queue';
import type { QueueSight } from './queue-sight.ts';

export const jobStates = [
  'queued',
  'running',
  'waiting-for-permit',
  'completed',
  'failed',
  'cancelled',
] as const;
export type JobState = (typeof jobStates)[number];

/** A job as its team sees it. Times are ISO 8601; no text of the vendor is in it. */
export interface JobView {
  readonly id: string;
  readonly state: JobState;
  /** Null for a job that somebody put on the queue directly. */
  readonly team: string | null;
  readonly order?: JobOrder;
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly attempts: number;
  readonly resumesAt?: string;
  readonly because?: string;
  readonly cancelling?: true;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly permits?: number;
  readonly failure?: Readonly<Record<string, unknown>>;
  readonly links: Readonly<Record<string, string>>;
}

export const isOver = ({ state }: Pick<JobView, 'state'>): boolean =>
  state === 'completed' || state === 'failed' || state === 'cancelled';

/** What an owned job looks like: its end, if it is known; else what the queue says. */
export const viewOf = (record: JobRecord, sight?: QueueSight): JobView => {
  const { id, team, order, createdAt, end, cancelling } = record;
  const now = end ?? { attempts: 0, state: 'queued' as const, ...sight };
  return {
    id,
    state: now.state,
    team,
    order,
    createdAt: iso(createdAt),
    ...(cancelling && !end && { cancelling: true as const }),
    ...progressOf(id, now),
  };
};

/** A job of nobody's, as the queue has it. */
export const viewOfQueued = (id: string, sight: QueueSight): JobView => ({
  id,
  state: sight.state,
  team: null,
  createdAt: iso(sight.addedAt),
  ...progressOf(id, sight),
});

type Progress = Partial<Omit<QueueSight, 'state' | 'addedAt'>>;

const progressOf = (id: string, progress: Progress) => {
  const { startedAt, endedAt, attempts = 0, resumesAt, because, result, failure } = progress;
  return {
    ...(startedAt !== undefined && { startedAt: iso(startedAt) }),
    ...(endedAt !== undefined && { endedAt: iso(endedAt) }),
    attempts,
    ...(resumesAt !== undefined && { resumesAt: iso(resumesAt) }),
    ...(because !== undefined && { because }),
    ...(result && resultOf(result)),
    ...(failure && { failure: failureViewOf(failure) }),
    links: linksOf(id, result?.url),
  };
};

const resultOf = ({ permits, url: _url, ...result }: NonNullable<QueueSight['result']>) => ({
  permits,
  result,
});

const linksOf = (id: string, answer: string | undefined) => ({
  self: `/v1/jobs/${id}`,
  events: `/v1/jobs/${id}/events`,
  ...(answer !== undefined && { answer }),
});

/** Our own words, and of the vendor's no more than its status and code. */
const failureViewOf = ({ kind, detail, retryAfterMs, errors, upstream }: FailureRecord) => {
  const { status, code } = upstream ?? {};
  return {
    kind,
    detail,
    retryable: failures[kind].retryable,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(errors && { errors }),
    ...((status !== undefined || code !== undefined) && {
      upstream: { ...(status !== undefined && { status }), ...(code !== undefined && { code }) },
    }),
  };
};

const iso = (epochMs: number): string => new Date(epochMs).toISOString();
