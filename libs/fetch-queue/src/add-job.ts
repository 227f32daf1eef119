import { Failure } from '@glasshouse/coinglass-client';
import type { Queue } from 'bullmq';
import type { FetchJobInput } from './job.ts';
import { jobNames } from './queues.ts';
import { inSendSpan } from './send-span.ts';

/**
 * Adds a job under an id drawn before, in a PRODUCER span. Resolves to the id of the job that will answer: this one, or with an
 * `askId` (see `askIdOf`) the one that already asks the same. A job that is there under its id is not added again.
 * Rejects with `store-unavailable`; the job may have been added all the same.
 */
export const addJob = async (
  queue: Queue,
  job: FetchJobInput,
  {
    jobId,
    askId,
    name = jobNames.fetch,
  }: {
    readonly jobId: string;
    readonly askId?: string;
    readonly name?: (typeof jobNames)[keyof typeof jobNames];
  },
): Promise<string> => {
  const { traceparent, ...rest } = job;
  try {
    return await inSendSpan({ queue: queue.name, jobId, traceparent }, async (own) => {
      const data = own === undefined ? rest : { ...rest, traceparent: own };
      const added = await queue.add(name, data, {
        jobId,
        ...(askId !== undefined && { deduplication: { id: askId } }),
      });
      return added.id ?? jobId;
    });
  } catch (cause) {
    throw new Failure('store-unavailable', 'The queue cannot be reached', {
      cause,
      retryAfterMs: 5_000,
    });
  }
};
