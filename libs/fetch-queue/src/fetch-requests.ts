import { isFailure } from '@glasshouse/coinglass-client';
import type { Queue } from 'bullmq';
import { addJob } from './add-job.ts';
import type { AskLane } from './asks/ask-lane.ts';
import { newJobId, type InteractiveJobInput, type FetchJobInput } from './job.ts';
import type { Outcome } from './outcomes/outcome.ts';
import type { OutcomeWatch } from './outcomes/outcome-watch.ts';
import { jobNames } from './queues.ts';
import { Waiting } from './outcomes/waiting.ts';

/** An answered outcome, and whether another ask was already under way for the same question. */
export type AskResult = Extract<Outcome, { state: 'answered' }> & { readonly coalesced: boolean };

/** `askId`: see `askIdOf`. `deadlineAt`: epoch ms; bounds the waiting, not the work. */
export interface AskTerms {
  readonly askId: string;
  readonly deadlineAt: number;
}

export interface FetchRequestsOptions {
  readonly lane: AskLane;
  readonly shared: Queue;
  readonly watch: OutcomeWatch;
  readonly now?: () => number;
}

interface Asking {
  /** The id drawn for our job. */
  readonly jobId: string;
  /** Resolves to the id of the job that will answer: ours, or another process's. */
  readonly added: Promise<string>;
}

/**
 * Asks the fetcher, and waits. Jobs that ask the same (`askId`) become one; the caller's deadline bounds the waiting only:
 * the job lives on and fills the store.
 */
export class FetchRequests {
  readonly #options: Required<FetchRequestsOptions>;
  /** What this process asks at the moment: a crowd that wants the same adds one job, and each waits by its own deadline. */
  readonly #asking = new Map<string, Asking>();

  constructor(options: FetchRequestsOptions) {
    this.#options = { now: Date.now, ...options };
  }

  /**
   * Rejects with the job's own `Failure`; with `deadline-passed` when `deadlineAt` comes first; with `queue-full` or
   * `upstream-throttled` as soon as it is known that no permit comes before it; with `store-unavailable` when Redis is away.
   */
  async ask(job: InteractiveJobInput, terms: AskTerms): Promise<AskResult> {
    try {
      return await this.#askOnce(job, terms);
    } catch (thrown) {
      // A job that another ask began earlier may end before our deadline does; then the question is ours to ask.
      const early =
        isFailure(thrown) &&
        thrown.kind === 'deadline-passed' &&
        this.#options.now() < terms.deadlineAt;
      if (early) return this.#askOnce(job, { ...terms, askId: againId(terms.askId) });
      throw thrown;
    }
  }

  async #askOnce(job: InteractiveJobInput, { askId, deadlineAt }: AskTerms): Promise<AskResult> {
    const { watch, now } = this.#options;
    const waiting = new Waiting(watch, deadlineAt, now);
    const before = this.#asking.get(askId);
    const asking = before ?? this.#begin(job, askId);
    try {
      const { jobId } = asking;
      waiting.listenTo(jobId);
      const added = await Promise.race([asking.added, waiting.answered.then(() => jobId)]);
      if (added !== jobId) {
        waiting.listenTo(added);
        // It may have been announced between our add and our listening.
        watch.look(added).catch(() => undefined);
      }
      const coalesced = before !== undefined || added !== jobId;
      return { ...(await waiting.answered), coalesced };
    } finally {
      waiting.end();
      if (before === undefined) this.#asking.delete(askId);
    }
  }

  #begin(job: InteractiveJobInput, askId: string): Asking {
    const jobId = newJobId();
    const asking = { jobId, added: this.#options.lane.add(job, { jobId, askId }) };
    this.#asking.set(askId, asking);
    return asking;
  }

  /**
   * Asks for a newer answer on spare quota (bulk lane) and does not wait. `onEnd` is told the outcome if it comes while
   * this process listens, at most for a minute.
   */
  async refresh(
    job: FetchJobInput,
    { askId, onEnd }: { readonly askId: string; readonly onEnd: (outcome: Outcome) => void },
  ): Promise<void> {
    const { shared, watch } = this.#options;
    const ends: (() => void)[] = [];
    const end = (): void => ends.forEach((each) => each());
    const onOutcome = (outcome: Outcome): void => {
      if (outcome.state === 'postponed') return;
      end();
      onEnd(outcome);
    };
    const timer = setTimeout(end, 60_000);
    timer.unref();
    const jobId = newJobId();
    ends.push(() => clearTimeout(timer), watch.listen(jobId, onOutcome));
    try {
      const added = await addJob(shared, job, { jobId, askId, name: jobNames.refresh });
      if (added === jobId) return;
      ends.push(watch.listen(added, onOutcome));
      await watch.look(added).catch(() => undefined);
    } catch (thrown) {
      end();
      throw thrown;
    }
  }
}

/** For asking past a job that holds the question's own id, but will not answer it. */
const againId = (askId: string): string => `${askId}.again`;
