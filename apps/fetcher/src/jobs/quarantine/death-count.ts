import { keyPrefix, queueNames } from '@glasshouse/fetch-queue';
import type { createRedis } from '@glasshouse/service-kit';
import type { SetApart } from './messages.ts';

/** Not for a job that is gone meanwhile: a hash with nothing but a count would be a job without an end. */
const script = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
return redis.call('HINCRBY', KEYS[1], 'deaths', 1)`;

/** Counts deaths where the job itself lies, so that the count lives and ends with it and every fetcher sees it. */
export const createDeathCount =
  (redis: ReturnType<typeof createRedis>) =>
  async ({ queue, jobId }: Pick<SetApart, 'queue' | 'jobId'>): Promise<number> =>
    Number(await redis.eval(script, 1, `${keyPrefix}:${queueNames[queue]}:${jobId}`));
