import { setTimeout as delay } from 'node:timers/promises';
import { sampled, type createRedis, type Logger } from '@glasshouse/service-kit';
import type { JobRunner } from './job-runner.ts';
import { QueueWorker } from './queue-worker.ts';
import { restOnErrors } from './worker-rest.ts';

export interface FetcherJobsParts {
  readonly runner: JobRunner;
  /** Waits for Redis to come back. */
  readonly connection: ReturnType<typeof createRedis>;
  /** Jobs at once. */
  readonly concurrency: number;
  readonly logger: Logger;
}

/** How long running jobs may go on when the process stops, before they are sent back. */
const finishWithinMs = 10_000;
/** How long a stop without Redis waits for connections that cannot say goodbye. */
const redisAwayMs = 1_000;

/**
 * This process's worker on the shared queue: taking jobs, resting when Redis refuses, and stopping so that nothing is lost and no attempt spent.
 */
export class FetcherJobs {
  readonly #parts: FetcherJobsParts;
  readonly #worker: QueueWorker;
  readonly #rest: { stop(): void };
  #stopping = false;

  constructor(parts: FetcherJobsParts) {
    this.#parts = parts;
    const logger = sampled(parts.logger, 1);
    this.#worker = workerOf(parts);
    this.#rest = restOnErrors(this.#worker, { queue: this.#worker.name, logger });
  }

  /** True while jobs are taken. */
  get taking(): boolean {
    return !this.#stopping && this.#worker.isRunning() && !this.#worker.isPaused();
  }

  /** Begins to take jobs; they come as soon as Redis is there. */
  start(): void {
    this.#worker.run().catch((thrown: unknown) => {
      this.#parts.logger.error(
        { event: 'worker.ended', queue: this.#worker.name, err: thrown },
        'a worker ended',
      );
    });
  }

  /**
   * Takes no more jobs, lets running ones end, and sends back what is left after 10 s: to the front of the delayed jobs, where another
   * fetcher finds it at once.
   */
  async stop(waitMs = finishWithinMs): Promise<void> {
    const { connection, runner } = this.#parts;
    this.#stopping = true;
    this.#rest.stop();
    const closed = this.#worker.close();
    if (connection.status !== 'ready') {
      // Nothing can be moved now; the jobs' locks run out and they come back by themselves.
      runner.sendBackAll();
      await Promise.race([closed, delay(redisAwayMs)]);
      return;
    }
    const patience = new AbortController();
    const sendBack = delay(waitMs, undefined, { signal: patience.signal }).then(
      () => runner.sendBackAll(),
      () => undefined,
    );
    await closed;
    patience.abort();
    await sendBack;
  }
}

const workerOf = ({ runner, connection, concurrency, logger }: FetcherJobsParts): QueueWorker => {
  const worker = new QueueWorker({
    connection,
    concurrency,
    processor: (job, token = '') => runner.run(job, token, 'shared'),
  });
  worker.on('lockRenewalFailed', (jobIds: string[]) => {
    for (const jobId of jobIds) runner.letGo('shared', jobId);
  });
  worker.on('stalled', (jobId) => {
    logger.warn(
      { event: 'job.stalled', queue: worker.name, jobId },
      'a job stalled and runs again, set apart',
    );
  });
  return worker;
};
