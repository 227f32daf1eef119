import type { Failure } from '@glasshouse/coinglass-client';
import { keyPrefix, queueNames } from '@glasshouse/fetch-queue';
import type { createRedis } from '@glasshouse/service-kit';

/** Where a job that no worker can end may lie. */
export type Resting = 'active' | 'wait' | 'prioritized' | 'delayed' | 'waiting-children';

export interface Ending {
  readonly jobId: string;
  readonly from: Resting;
  readonly failure: Failure;
  /** True: what of the job cannot be read is cut out, so that it spoils no listing. */
  readonly unreadable?: boolean;
}

/**
 * Ends a job as BullMQ's moveToFinished would, in one step, and only if it still lies where it was seen. ARGV: job id, reason,
 * now (ms), where it lies, whether to cut out what is unreadable. 1 if it was ended.
 */
const script = `
local base, id, from = KEYS[1], ARGV[1], ARGV[4]
local key = base .. ':' .. id
local removed
if from == 'active' or from == 'wait' then
  removed = redis.call('LREM', base .. ':' .. from, 1, id)
else
  removed = redis.call('ZREM', base .. ':' .. from, id)
end
if removed == 0 then return 0 end
redis.call('DEL', key .. ':lock')
redis.call('SREM', base .. ':stalled', id)
local asked = redis.call('HGET', key, 'deid')
if asked and redis.call('GET', base .. ':de:' .. asked) == id then redis.call('DEL', base .. ':de:' .. asked) end
if ARGV[5] == '1' then
  redis.call('HSET', key, 'data', '{}', 'opts', '{}')
  redis.call('HDEL', key, 'progress', 'parent', 'parentKey', 'stacktrace', 'returnvalue')
end
redis.call('HSET', key, 'failedReason', ARGV[2], 'finishedOn', ARGV[3])
redis.call('HSETNX', key, 'name', 'unnamed')
redis.call('HSETNX', key, 'timestamp', ARGV[3])
redis.call('HDEL', key, 'defa')
redis.call('ZADD', base .. ':failed', ARGV[3], id)
redis.call('XADD', base .. ':events', 'MAXLEN', '~', 10000, '*', 'event', 'failed', 'jobId', id,
  'failedReason', ARGV[2], 'prev', from)
return 1`;

/** Gives whether the job was there to be ended. */
export const endJob = async (
  redis: ReturnType<typeof createRedis>,
  { jobId, from, failure, unreadable = false }: Ending,
  now: number,
): Promise<boolean> =>
  (await redis.eval(
    script,
    1,
    `${keyPrefix}:${queueNames.shared}`,
    jobId,
    failure.message,
    now,
    from,
    unreadable ? '1' : '0',
  )) === 1;
