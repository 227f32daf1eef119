import type { Outcome } from '@glasshouse/fetch-queue';
import { queueNames } from '@glasshouse/fetch-queue';
import type { createRedis, Logger } from '@glasshouse/service-kit';
import { endJob, type Ending } from './end-job.ts';
import { overBacklog, putOffForEver, stuckActive, waitingForEver } from './find-stuck.ts';
import { createStaleQuestions } from './stale-questions.ts';

export interface ReaperParts {
  readonly redis: ReturnType<typeof createRedis>;
  readonly announce: (outcome: Outcome) => Promise<void>;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly now?: () => number;
  readonly random?: () => number;
  readonly everyMs?: number;
}

const sweeps = [stuckActive, putOffForEver, waitingForEver, overBacklog] as const;

/**
 * Ends the jobs that no worker would ever end: those that BullMQ cannot read, are put off for ever, or stand over the bound of the
 * queue. Each fetcher has one; a job is ended in one step, so several do no harm.
 */
export class Reaper {
  readonly #parts: Required<ReaperParts>;
  readonly #removeStaleQuestions: ReturnType<typeof createStaleQuestions>;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(parts: ReaperParts) {
    this.#parts = { now: Date.now, random: Math.random, everyMs: 15_000, ...parts };
    this.#removeStaleQuestions = createStaleQuestions(parts.redis);
  }

  start(): void {
    const { everyMs, random } = this.#parts;
    if (this.#stopped) return;
    // Not in step with the other fetchers.
    this.#timer = setTimeout(
      () => void this.#sweepQuietly().then(() => this.start()),
      everyMs * (0.5 + random()),
    ).unref();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** One look at the queue; rejects when Redis does not answer. Gives how many jobs it has ended. */
  async sweep(): Promise<number> {
    const { redis, now } = this.#parts;
    let ended = 0;
    for (const find of sweeps) {
      for (const ending of await find(redis, now())) {
        if (await endJob(redis, ending, now())) {
          ended += 1;
          this.#tell(ending);
        }
      }
    }
    await this.#removeStaleQuestions();
    return ended;
  }

  async #sweepQuietly(): Promise<void> {
    try {
      await this.sweep();
    } catch (err) {
      this.#parts.logger.info({ event: 'reaper.later', err }, 'Redis does not answer the reaper');
    }
  }

  #tell({ jobId, failure }: Ending): void {
    const { kind, detail } = failure;
    this.#parts.logger.warn(
      { event: 'job.end', queue: queueNames.shared, jobId, outcome: 'reaped', kind, detail },
      'a job that no worker would have ended was ended',
    );
    // Who waits also polls and has a deadline.
    this.#parts
      .announce({ jobId, state: 'failed', failure: failure.toRecord() })
      .catch(() => undefined);
  }
}
