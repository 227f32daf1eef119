import { keyPrefix, queueNames, retention, type JobResult } from '@glasshouse/fetch-queue';
import { Worker, type Job, type JobJson, type Processor } from 'bullmq';
import type { Redis } from 'ioredis';
import type { QueueKind } from './job-runner.ts';

export interface QueueWorkerOptions {
  readonly queue: QueueKind;
  /** A connection that waits for Redis to come back; the worker opens one more for its blocking reads. */
  readonly connection: Redis;
  readonly concurrency: number;
  readonly processor: Processor<unknown, JobResult>;
}

/**
 * BullMQ's worker with our terms. Many stalls are allowed, since a job that runs beside the one that kills a worker stalls with it;
 * recovery after a kill takes at most lock + check, 45 s.
 */
export class QueueWorker extends Worker<unknown, JobResult> {
  constructor({ queue, connection, concurrency, processor }: QueueWorkerOptions) {
    super(queueNames[queue], processor, {
      connection,
      prefix: keyPrefix,
      concurrency,
      autorun: false,
      lockDuration: 30_000,
      stalledInterval: 15_000,
      maxStalledCount: 10,
      ...retention,
    });
  }

  /**
   * A job whose data is no JSON would be taken, dropped and found stalled for ever, and would spoil every listing. Without data it is
   * invalid, and ends.
   */
  protected override createJob(json: JobJson, jobId: string): Job<unknown, JobResult> {
    try {
      return super.createJob(json, jobId);
    } catch {
      const job = super.createJob({ ...json, data: '{}' }, jobId);
      job.updateData({}).catch(() => undefined);
      return job;
    }
  }
}
