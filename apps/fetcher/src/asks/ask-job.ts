import type { TakenAsk } from '@glasshouse/fetch-queue';
import type { Job } from 'bullmq';

/**
 * An ask in the shape in which the runner takes jobs. `putOff` is called when it must come again later (epoch ms). Fetchers that died
 * over it count as stalls.
 */
export const jobOf = (
  { jobId, data, addedAt, takes }: TakenAsk,
  putOff: (resumesAt: number) => void,
): Job => {
  const job = {
    id: jobId,
    data,
    timestamp: addedAt,
    opts: {},
    attemptsMade: 0,
    stalledCounter: takes - 1,
    moveToDelayed: async (resumesAt: number): Promise<void> => putOff(resumesAt),
  } satisfies Partial<Job>;
  return job as unknown as Job;
};
