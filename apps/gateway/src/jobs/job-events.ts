import { setTimeout as delay } from 'node:timers/promises';
import { isFailure } from '@glasshouse/coinglass-client';
import type { Outcome, OutcomeWatch } from '@glasshouse/fetch-queue';
import type { EventStream } from '../http/event-stream.ts';
import { isOver, type JobView } from './job-view.ts';

export interface JobEventsParts {
  readonly watch: Pick<OutcomeWatch, 'listen'>;
  readonly pollMs?: number;
  /** A stream ends after this, and its reader connects again: keys and gateways change. */
  readonly streamMaxMs?: number;
}

/** Names what a job looks like, so that a reader who comes back is not told again what it knows. */
export const eventIdOf = ({ state, attempts, resumesAt, cancelling }: JobView): string =>
  [state, attempts, resumesAt ?? '', cancelling ? 'cancelling' : ''].join('.').replace(/\.+$/, '');

const stateOf = (eventId: string | undefined): string | undefined => eventId?.split('.')[0];

/**
 * Tells a job's way on an event stream: `state` when it changes, `progress` for what changes within one, `end` with the last state. It
 * looks at the job when an outcome is announced, and each second besides, since an announcement may be lost. Nothing is kept between
 * connections, so any gateway can go on where another stopped.
 */
export class JobEvents {
  readonly #parts: Required<JobEventsParts>;
  readonly #open = new Set<EventStream>();

  constructor(parts: JobEventsParts) {
    this.#parts = { pollMs: 1_000, streamMaxMs: 3_600_000, ...parts };
  }

  /** Resolves when the stream is over. `look` gives the job as it is; `known` is the id of the last event the reader has. */
  async follow(
    stream: EventStream,
    first: JobView,
    look: () => Promise<JobView>,
    known: string | undefined,
  ): Promise<void> {
    const { pollMs, streamMaxMs } = this.#parts;
    const changes = this.#changesOf(first.id, stream.signal);
    const ends = setTimeout(() => stream.close(), streamMaxMs);
    this.#open.add(stream);
    try {
      let told = known;
      let job: JobView | undefined = first;
      while (!stream.signal.aborted) {
        if (job) told = tell(stream, job, told);
        if (job && isOver(job)) break;
        await changes.next(pollMs);
        job = await lookAgain(look, stream);
      }
    } finally {
      clearTimeout(ends);
      changes.end();
      stream.close();
      this.#open.delete(stream);
    }
  }

  /** Ends all streams; their readers connect to another gateway. */
  stop(): void {
    for (const stream of this.#open) stream.close();
  }

  /** `next` waits for news of the job, for so long at most, or for the stream's end. */
  #changesOf(jobId: string, signal: AbortSignal) {
    let wake = new AbortController();
    let last = '';
    const onOutcome = (outcome: Outcome): void => {
      // The watch's own poll brings the same outcome again and again.
      const text = JSON.stringify(outcome);
      if (text === last) return;
      last = text;
      wake.abort();
    };
    const end = this.#parts.watch.listen(jobId, onOutcome);
    const next = async (withinMs: number): Promise<void> => {
      const either = AbortSignal.any([wake.signal, signal]);
      await delay(withinMs, undefined, { signal: either }).catch(() => undefined);
      wake = new AbortController();
    };
    return { next, end };
  }
}

const tell = (stream: EventStream, job: JobView, told: string | undefined): string => {
  const id = eventIdOf(job);
  if (isOver(job)) stream.send({ event: 'end', id, data: job });
  else if (id !== told) {
    stream.send({ event: job.state === stateOf(told) ? 'progress' : 'state', id, data: job });
  }
  return id;
};

/** With Redis away there is nothing to tell; a job that is there no more ends its stream. */
const lookAgain = async (
  look: () => Promise<JobView>,
  stream: EventStream,
): Promise<JobView | undefined> => {
  if (stream.signal.aborted) return undefined;
  try {
    return await look();
  } catch (thrown) {
    if (!isFailure(thrown) || thrown.kind !== 'store-unavailable') stream.close();
    return undefined;
  }
};
