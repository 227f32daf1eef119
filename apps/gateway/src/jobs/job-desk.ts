import { Failure, isFailure } from '@glasshouse/coinglass-client';
import {
  addJob,
  announce,
  newJobId,
  storeUnavailable,
  type FetchJobInput,
  type JobEnding,
  type JobOrder,
  type JobRecord,
  type JobRecords,
} from '@glasshouse/fetch-queue';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { ensureRoom, waitingOn } from './backlog.ts';
import { jobUnknown } from './job-unknown.ts';
import { viewOf, viewOfQueued, type JobView } from './job-view.ts';
import { digestOf, orderDigestOf } from './order.ts';
import { listJobs, type JobPage, type ListQuery } from './job-list.ts';
import { lookInQueue, type QueueSight } from './queue-sight.ts';
import type { Viewer } from './viewer.ts';

export interface JobDeskParts {
  readonly records: JobRecords;
  /** The shared queue. */
  readonly queue: Queue;
  /** For reading what the queue itself does not tell. */
  readonly redis: Redis;
  /** Requests per minute to CoinGlass. */
  readonly rpm: number;
  readonly traceparent: () => string | undefined;
  readonly now?: () => number;
}

export interface Submitted {
  readonly job: JobView;
  /** True: the same was submitted before under the same key, and this is that job. */
  readonly repeated: boolean;
}

/** So long after its record was written a job may be on its way to the queue. */
const onItsWayMs = 30_000;

/**
 * Jobs that belong to a team: taken, looked at, cancelled. The record comes first, under the id that the queue is given afterwards, so
 * that a crash or a lost reply in between doubles nothing and a repetition completes it. Rejects with a Failure.
 */
export class JobDesk {
  readonly #parts: Required<JobDeskParts>;

  constructor(parts: JobDeskParts) {
    this.#parts = { now: Date.now, ...parts };
  }

  async submit(
    order: JobOrder,
    {
      team,
      idempotencyKey,
    }: { readonly team: string; readonly idempotencyKey?: string | undefined },
  ): Promise<Submitted> {
    const { records } = this.#parts;
    const submission = idempotencyKey !== undefined && {
      keyDigest: digestOf(idempotencyKey),
      orderDigest: orderDigestOf(order),
    };
    const begun = await reached(
      records.begin(newJobId(), { team, order }, submission || undefined),
    );
    if (begun.state === 'conflict') throw conflict();
    const { id, state } = begun;
    const record = await reached(records.read(id));
    if (!record) throw jobUnknown();
    const repeated = state === 'known';
    if (!record.end) await this.#add(record, repeated);
    return { job: repeated ? await this.#viewOf(record) : viewOf(record), repeated };
  }

  /** Adds what is not there yet: what is, is not added again. */
  async #add({ id, team, order }: JobRecord, repeated: boolean): Promise<void> {
    const { queue, records, rpm, traceparent, now } = this.#parts;
    try {
      if (!repeated) {
        const { deadlineAt } = order;
        ensureRoom(await reached(waitingOn(queue)), { rpm, deadlineAt, now: now() });
      }
      const parent = traceparent();
      const job: FetchJobInput = { ...order, team, ...(parent && { traceparent: parent }) };
      await addJob(queue, job, { jobId: id });
    } catch (thrown) {
      if (isFailure(thrown) && thrown.kind === 'queue-full') await reached(records.withdraw(id));
      throw thrown;
    }
  }

  /** The same failure for a job that is not there and for another team's. */
  async look(id: string, viewer: Viewer): Promise<JobView> {
    const record = await this.#owned(id, viewer);
    if (record) return this.#viewOf(record);
    const sight = viewer.admin ? await this.#sight(id) : undefined;
    if (!sight) throw jobUnknown();
    return viewOfQueued(id, sight);
  }

  /** Ends a waiting job at once, tells a running one to stop; one that is over stays as it ended. */
  async cancel(id: string, viewer: Viewer): Promise<JobView> {
    const { records, queue } = this.#parts;
    if (!(await this.#owned(id, viewer))) throw jobUnknown();
    if ((await reached(records.requestCancel(id))) === 'open') {
      // Not removed: it runs, and its fetcher looks at the flag.
      const removed = await reached(queue.remove(id));
      if (removed === 1) await this.#end(id, { state: 'cancelled', failure: cancelled });
    }
    return this.look(id, viewer);
  }

  list(query: ListQuery): Promise<JobPage> {
    const { records } = this.#parts;
    return reached(listJobs({ records, view: (record) => this.#viewIfThere(record) }, query));
  }

  async #end(id: string, ending: JobEnding): Promise<void> {
    const { records, redis } = this.#parts;
    await reached(records.end(id, ending));
    if (ending.failure) {
      // Who listens also polls.
      const outcome = { jobId: id, state: 'failed', failure: ending.failure } as const;
      await announce(redis, outcome).catch(() => undefined);
    }
  }

  async #owned(id: string, { team, admin }: Viewer): Promise<JobRecord | undefined> {
    const record = await reached(this.#parts.records.read(id));
    return record && (admin || record.team === team) ? record : undefined;
  }

  /** @throws Failure `job-unknown` when the queue has lost it */
  async #viewOf(record: JobRecord): Promise<JobView> {
    const view = await this.#viewIfThere(record);
    if (!view) throw jobUnknown();
    return view;
  }

  /** Undefined for a job that has not ended and that the queue does not have. */
  async #viewIfThere(record: JobRecord): Promise<JobView | undefined> {
    if (record.end) return viewOf(record);
    const sight = await this.#sight(record.id);
    if (sight) return viewOf(...(await this.#settled(record, sight)));
    // It may have ended, and gone from the queue, between the two looks.
    const again = await reached(this.#parts.records.read(record.id));
    if (again?.end) return viewOf(again);
    return this.#parts.now() - record.createdAt < onItsWayMs ? viewOf(record) : undefined;
  }

  /** An end that the queue knows and the record does not (its writing failed) is written now. */
  async #settled(record: JobRecord, sight: QueueSight): Promise<[JobRecord, QueueSight]> {
    const { state, result, failure } = sight;
    if (state !== 'completed' && state !== 'failed') return [record, sight];
    const { records } = this.#parts;
    const ended = failure?.kind === 'cancelled' ? 'cancelled' : state;
    await reached(
      records.end(record.id, {
        state: ended,
        ...(result && { result }),
        ...(failure && { failure }),
      }),
    );
    return [(await reached(records.read(record.id))) ?? record, sight];
  }

  #sight(id: string): Promise<QueueSight | undefined> {
    return reached(lookInQueue(this.#parts.queue, this.#parts.redis, id));
  }
}

const cancelled = { kind: 'cancelled', detail: 'The job was cancelled before it ran' } as const;

const reached = async <T>(command: Promise<T>): Promise<T> => {
  try {
    return await command;
  } catch (thrown) {
    throw isFailure(thrown) ? thrown : storeUnavailable(thrown);
  }
};

const conflict = (): Failure =>
  new Failure(
    'idempotency-conflict',
    'This Idempotency-Key was sent with another body in the last 24 h; send the same body, or another key',
    { errors: [{ field: 'idempotency-key', message: 'stands for another request' }] },
  );
