import { keyPrefix, queueNames, retention, type JobResult } from '@glasshouse/fetch-queue';
import { Worker, type Job, type JobJson, type Processor } from 'bullmq';
import type { Redis } from 'ioredis';
import { readableJson, rememberFlaw, stallsMax } from './readable-job.ts';

export interface QueueWorkerOptions {
  /** A connection that waits for Redis to come back; the worker opens one more for its blocking reads. */
  readonly connection: Redis;
  readonly concurrency: number;
  readonly processor: Processor<unknown, JobResult>;
}

/**
 * BullMQ's worker with our terms. Many stalls are allowed, since a job that runs beside the one that kills a worker stalls with it
 * (and then runs in quarantine); recovery after a kill takes at most lock + check, 45 s.
 */
export class QueueWorker extends Worker<unknown, JobResult> {
  constructor({ connection, concurrency, processor }: QueueWorkerOptions) {
    super(queueNames.shared, processor, {
      connection,
      prefix: keyPrefix,
      concurrency,
      autorun: false,
      lockDuration: 30_000,
      stalledInterval: 15_000,
      maxStalledCount: stallsMax,
      ...retention,
    });
  }

  /**
   * A job that BullMQ cannot read would be taken, dropped and found stalled for ever, and would spoil every listing. What is
   * wrong with it is cut out, in Redis too, and the job ends as invalid.
   */
  protected override createJob(stored: JobJson, jobId: string): Job<unknown, JobResult> {
    const { json, flaw } = readableJson(stored);
    const job = super.createJob(json, jobId);
    if (flaw !== undefined) rememberFlaw(job, flaw);
    if (json.data !== stored.data) job.updateData({}).catch(() => undefined);
    return job;
  }
}
