import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

/** KEYS slots · ARGV window ms, lease ms, limit, id: takes one slot if one is free; else says in how many ms one will be. */
const LEASE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) < tonumber(ARGV[3]) then
  redis.call('ZADD', KEYS[1], now + 1 + ARGV[1] + ARGV[2], ARGV[4])
  return 0
end
return math.max(1, redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2] - now)`;

/** KEYS slots · ARGV window ms, id: the answer has been read, so the slot falls free a window from now. */
const DONE = `
local time = redis.call('TIME')
redis.call('ZADD', KEYS[1], 'XX', time[1] * 1000 + math.floor(time[2] / 1000) + 1 + ARGV[1], ARGV[2])
return 0`;

/**
 * The least that is exact at the vendor: slots held past the answer, and nothing else. No lanes, teams, pause, epoch, foreign use;
 * each caller asks for itself. What our limiter costs is told beside it.
 * @param {import('ioredis').Redis} redis
 * @param {{ key: string, limit: number, windowMs: number, leaseMs: number }} terms
 */
export const createBareLease = (redis, { key, limit, windowMs, leaseMs }) => {
  redis.defineCommand('bareLease', { numberOfKeys: 1, lua: LEASE });
  redis.defineCommand('bareDone', { numberOfKeys: 1, lua: DONE });
  const scripts =
    /** @type {Record<'bareLease' | 'bareDone', (...args: (string | number)[]) => Promise<number>>} */ (
      /** @type {unknown} */ (redis)
    );
  const prefix = randomUUID();
  let next = 0;
  return {
    /** @param {AbortSignal} [signal] ends the waiting */
    async take(signal) {
      const id = `${prefix}:${next++}`;
      for (;;) {
        const waitMs = await scripts.bareLease(key, windowMs, leaseMs, limit, id);
        if (waitMs === 0) return id;
        await delay(waitMs, undefined, { signal });
      }
    },
    /** @param {string} id */
    done: (id) => scripts.bareDone(key, windowMs, id),
  };
};
