import { keyPrefix, queueNames } from '@glasshouse/fetch-queue';
import type { createRedis } from '@glasshouse/service-kit';

/** Deletes a deduplication key (KEYS[1]) only while the job it names has ended or is gone. ARGV: start of the queue's keys. */
const script = `
local id = redis.call('GET', KEYS[1])
if not id then return 0 end
local key = ARGV[1] .. ':' .. id
if redis.call('EXISTS', key) == 1 and redis.call('HEXISTS', key, 'finishedOn') == 0 then return 0 end
return redis.call('DEL', KEYS[1])`;

/** How many keys a look asks for. */
const pageSize = 200;

/**
 * Looks through the queue's deduplication keys, a page a call, for those that a lost or ended job has left behind: a question that
 * hangs on one would be refused as a duplicate for ever. Gives how many were removed.
 */
export const createStaleQuestions = (
  redis: ReturnType<typeof createRedis>,
): (() => Promise<number>) => {
  const base = `${keyPrefix}:${queueNames.shared}`;
  let from = '0';
  return async () => {
    // A glob: the braces of the prefix are no pattern, and a queue's name has none.
    const [cursor, keys] = await redis.scan(from, 'MATCH', `${base}:de:*`, 'COUNT', pageSize);
    from = cursor;
    let removed = 0;
    for (const key of keys) removed += Number(await redis.eval(script, 1, key, base));
    return removed;
  };
};
