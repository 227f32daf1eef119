import { setTimeout as delay } from 'node:timers/promises';
import { sampled, type createRedis, type Logger } from '@glasshouse/service-kit';
import type { JobRunner, QueueKind } from './job-runner.ts';
import { QueueWorker } from './queue-worker.ts';
import { restOnErrors } from './worker-rest.ts';

export interface FetcherJobsParts {
  readonly runner: JobRunner;
  /** Waits for Redis to come back. */
  readonly connection: ReturnType<typeof createRedis>;
  /** Jobs at once, of the queues that are taken from. */
  readonly concurrency: Readonly<Partial<Record<QueueKind, number>>>;
  readonly logger: Logger;
}

/**
 * A BullMQ worker takes one job after the other, a round trip each, while readers come in bursts: several workers take side by side.
 * Measured with 16 readers at once: a tenth less waiting with three than with one. Jobs that nobody waits
 * for need one.
 */
const workersOf: Readonly<Record<QueueKind, number>> = { interactive: 3, shared: 1 };

/** How long running jobs may go on when the process stops, before they are sent back. */
const finishWithinMs = 10_000;
/** How long a stop without Redis waits for connections that cannot say goodbye. */
const redisAwayMs = 1_000;

/**
 * The workers of this process: taking jobs, resting when Redis refuses, and stopping so that nothing is lost and no attempt spent.
 */
export class FetcherJobs {
  readonly #parts: FetcherJobsParts;
  readonly #workers: readonly QueueWorker[];
  readonly #rests: readonly { stop(): void }[];
  #stopping = false;

  constructor(parts: FetcherJobsParts) {
    this.#parts = parts;
    const logger = sampled(parts.logger, 1);
    this.#workers = (['interactive', 'shared'] as const).flatMap((queue) => {
      const concurrency = parts.concurrency[queue];
      if (concurrency === undefined) return [];
      return Array.from({ length: workersOf[queue] }, () => this.#worker(queue, concurrency));
    });
    this.#rests = this.#workers.map((worker) =>
      restOnErrors(worker, { queue: worker.name, logger }),
    );
  }

  /** True while jobs are taken. */
  get taking(): boolean {
    return (
      !this.#stopping && this.#workers.every((worker) => worker.isRunning() && !worker.isPaused())
    );
  }

  get running(): number {
    return this.#parts.runner.running;
  }

  /** Begins to take jobs; they come as soon as Redis is there. */
  start(): void {
    for (const worker of this.#workers) {
      worker.run().catch((thrown: unknown) => {
        this.#parts.logger.error(
          { event: 'worker.ended', queue: worker.name, err: thrown },
          'a worker ended',
        );
      });
    }
  }

  /**
   * Takes no more jobs, lets running ones end, and sends back what is left after 10 s: to the front of the delayed jobs, where another
   * fetcher finds it at once.
   */
  async stop(waitMs = finishWithinMs): Promise<void> {
    const { connection, runner } = this.#parts;
    this.#stopping = true;
    for (const rest of this.#rests) rest.stop();
    const closed = Promise.all(this.#workers.map((worker) => worker.close()));
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

  #worker(queue: QueueKind, concurrency: number): QueueWorker {
    const { runner, connection, logger } = this.#parts;
    const worker = new QueueWorker({
      queue,
      connection,
      concurrency: Math.ceil(concurrency / workersOf[queue]),
      processor: (job, token = '') => runner.run(job, token, queue),
    });
    worker.on('lockRenewalFailed', (jobIds: string[]) => {
      for (const jobId of jobIds) runner.letGo(queue, jobId);
    });
    worker.on('stalled', (jobId) => {
      logger.warn(
        { event: 'job.stalled', queue: worker.name, jobId },
        'a job stalled and runs again, set apart',
      );
    });
    return worker;
  }
}
