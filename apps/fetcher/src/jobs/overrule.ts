import { retention, slowRetry } from '@glasshouse/fetch-queue';
import type { Job } from 'bullmq';
import type { QueueKind } from './job-runner.ts';

/** A producer's wishes for attempts, back-off, retention and order do not count: ours are written over them. */
export const overrule = (job: Job, queue: QueueKind): void => {
  Object.assign(job.opts, {
    ...retention,
    ...(queue === 'shared' ? slowRetry : { attempts: 1, backoff: undefined }),
    priority: 0,
    lifo: false,
    // A stack never leaves the log.
    stackTraceLimit: 0,
  });
};

/** A producer's trace, before anybody has looked at the data. */
export const givenTraceparent = (data: unknown): unknown =>
  typeof data === 'object' && data !== null && 'traceparent' in data ? data.traceparent : undefined;
