import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Failure, isFailure } from '@glasshouse/coinglass-client';
import {
  announce,
  type AnswerFacts,
  type AnswerStore,
  type AskLane,
  type FetchRequests,
  type InteractiveJobInput,
  type JobResult,
} from '@glasshouse/fetch-queue';
import type { Patience } from './row.ts';

/** No fetcher picked the job up in time. It has been taken back: it will not run later, and nothing was spent. */
export class NotTaken extends Error {
  override readonly name = 'NotTaken';
  constructor() {
    super('no fetcher took the job');
  }
}

/** The way to the vendor as the rows see it. */
export interface Road {
  /** Rejects with the job's `Failure`, or with `NotTaken`. */
  ask(job: InteractiveJobInput, patience: Patience): Promise<JobResult>;
  /** What is known of a stored answer; undefined when it cannot be read. */
  factsOf(answerKey: string): Promise<AnswerFacts | undefined>;
}

export interface QueueRoadOptions {
  readonly lane: Pick<AskLane, 'takeBack'>;
  readonly requests: FetchRequests;
  readonly answers: AnswerStore;
  readonly redis: Parameters<typeof announce>[0];
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<unknown>;
}

/**
 * The road everybody takes: an ask on the interactive lane, a permit, the vendor. Each ask is a question of its own (it
 * never joins somebody else's), and what no fetcher has taken when nobody waits for it any more is taken back.
 */
export class QueueRoad implements Road {
  readonly #options: Required<QueueRoadOptions>;

  constructor(options: QueueRoadOptions) {
    this.#options = { now: Date.now, sleep: delay, ...options };
  }

  async ask(job: InteractiveJobInput, patience: Patience): Promise<JobResult> {
    try {
      return await this.#askOnce(job, patience);
    } catch (thrown) {
      const { permitMs = 0 } = patience;
      const noPermitForMs =
        isFailure(thrown) && thrown.kind === 'queue-full' ? thrown.retryAfterMs : undefined;
      if (noPermitForMs === undefined || noPermitForMs > permitMs) throw thrown;
      await this.#options.sleep(noPermitForMs);
      return this.#askOnce(job, patience);
    }
  }

  async factsOf(answerKey: string): Promise<AnswerFacts | undefined> {
    try {
      return (await this.#options.answers.read(answerKey, 'house'))?.facts;
    } catch {
      return undefined;
    }
  }

  async #askOnce(job: InteractiveJobInput, { answerMs, pickUpMs }: Patience): Promise<JobResult> {
    const { requests, now } = this.#options;
    const askId = `check.${randomUUID()}`;
    const deadlineAt = now() + answerMs;
    let notTaken = false;
    const timer = setTimeout(() => {
      void this.#takeBack(askId).then((jobId) => {
        if (jobId === undefined) return;
        notTaken = true;
        void this.#endWaiting(jobId);
      });
    }, pickUpMs);
    try {
      const { result } = await requests.ask({ ...job, deadlineAt }, { askId, deadlineAt });
      return result;
    } catch (thrown) {
      if (notTaken) throw new NotTaken();
      await this.#takeBack(askId);
      throw thrown;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The job's id if no fetcher had taken it; one that was put off for want of a permit has been taken, and ends by its own deadline. */
  async #takeBack(askId: string): Promise<string | undefined> {
    return this.#options.lane.takeBack(askId).catch(() => undefined);
  }

  /** Ends our own waiting the way any waiting ends: by an outcome (not `deadline-passed`, after which it would ask again). */
  async #endWaiting(jobId: string): Promise<void> {
    const failure = new Failure('queue-full', 'No fetcher took the job').toRecord();
    await announce(this.#options.redis, { jobId, state: 'failed', failure }).catch(() => undefined);
  }
}
