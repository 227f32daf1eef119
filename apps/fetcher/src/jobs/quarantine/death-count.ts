import { askKeptForMs, keyPrefix, queueNames, redisKeys } from '@glasshouse/fetch-queue';
import type { createRedis } from '@glasshouse/service-kit';
import type { SetApart } from './messages.ts';

/** Not for a job that is gone meanwhile: a hash with nothing but a count would be a job without an end. */
const jobScript = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
return redis.call('HINCRBY', KEYS[1], 'deaths', 1)`;

const askScript = `
redis.call('SET', KEYS[1], 0, 'PX', ARGV[1], 'NX')
return redis.call('INCR', KEYS[1])`;

/**
 * Counts deaths in Redis, where every fetcher sees them: a job's where the job itself lies, so that the count lives and ends with it;
 * an ask's beside the lane, for as long as an ask can be of use.
 */
export const createDeathCount =
  (redis: ReturnType<typeof createRedis>) =>
  async ({ queue, jobId }: Pick<SetApart, 'queue' | 'jobId'>): Promise<number> =>
    Number(
      queue === 'interactive'
        ? await redis.eval(askScript, 1, redisKeys.askDeaths(jobId), askKeptForMs)
        : await redis.eval(jobScript, 1, `${keyPrefix}:${queueNames.shared}:${jobId}`),
    );
