/**
 * What is kept of jobs that belong to a team. Each script is one step, so that neither a lost reply nor a crash leaves half of it.
 * Keys that are not named in KEYS share their hash tag.
 */

/**
 * Writes the record of a job that is about to be added, unless the team has said the same under the same Idempotency-Key before:
 * then that job is the one. A submission whose record is gone stands for nothing any more.
 *
 * KEYS record, submission · ARGV id, team, order, digest of the order ('' = no key), record prefix, index prefix, record ttl,
 * submission ttl (both ms)
 */
export const beginScript = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local id, team, digest = ARGV[1], ARGV[2], ARGV[4]
if digest ~= '' then
  local known = redis.call('HMGET', KEYS[2], 'job', 'digest')
  if known[1] and redis.call('EXISTS', ARGV[5] .. known[1]) == 1 then
    if known[2] ~= digest then return {'conflict'} end
    return {'known', known[1]}
  end
  redis.call('HSET', KEYS[2], 'job', id, 'digest', digest)
  redis.call('PEXPIRE', KEYS[2], ARGV[8])
end
redis.call('HSET', KEYS[1], 'team', team, 'order', ARGV[3], 'createdAt', now)
if digest ~= '' then redis.call('HSET', KEYS[1], 'submission', KEYS[2]) end
redis.call('PEXPIRE', KEYS[1], ARGV[7])
for _, whose in ipairs({team, '*'}) do
  local open = ARGV[6] .. whose .. ':open'
  redis.call('ZADD', open, now, id)
  redis.call('ZREMRANGEBYSCORE', open, '-inf', now - ARGV[7])
end
return {'begun', id}`;

/**
 * Takes a record back whose job the queue did not take. A job that is there all the same (added by a repetition) keeps its record.
 *
 * KEYS record, the queue's job · ARGV id, index prefix
 */
export const withdrawScript = `
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
local record = redis.call('HMGET', KEYS[1], 'team', 'submission', 'state')
if not record[1] or record[3] then return 0 end
redis.call('DEL', KEYS[1])
if record[2] then redis.call('DEL', record[2]) end
for _, whose in ipairs({record[1], '*'}) do redis.call('ZREM', ARGV[2] .. whose .. ':open', ARGV[1]) end
return 1`;

/**
 * Writes how a job ended, once: the first end stands. Times and attempts are the queue's own, read before they go with the job. The
 * oldest ends of a team beyond what is kept are forgotten.
 *
 * KEYS record, the queue's job, cancelled · ARGV id, state, ending (JSON), index prefix, record prefix, ttl (ms), how many ends are
 * kept per team, and of all teams together
 */
export const endScript = `
local record = redis.call('HMGET', KEYS[1], 'team', 'createdAt', 'state')
local team, createdAt = record[1], record[2]
if not team then return '' end
if record[3] then return record[3] end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local id, state = ARGV[1], ARGV[2]
local run = redis.call('HMGET', KEYS[2], 'processedOn', 'atm')
redis.call('HSET', KEYS[1], 'state', state, 'ending', ARGV[3], 'endedAt', now)
if run[1] then redis.call('HSET', KEYS[1], 'startedAt', run[1], 'attempts', (run[2] or 0) + 1) end
redis.call('PEXPIRE', KEYS[1], ARGV[6])
-- A cancelled job that is added after all (its adding was on the way) still finds the flag.
if state ~= 'cancelled' then redis.call('DEL', KEYS[3]) end
for i, whose in ipairs({team, '*'}) do
  redis.call('ZREM', ARGV[4] .. whose .. ':open', id)
  local ended = ARGV[4] .. whose .. ':' .. state
  redis.call('ZADD', ended, createdAt, id)
  local over = redis.call('ZRANGE', ended, 0, -(ARGV[6 + i] + 1))
  for _, old in ipairs(over) do
    redis.call('ZREM', ended, old)
    if i == 1 then redis.call('DEL', ARGV[5] .. old) end
  end
end
return state`;

/**
 * Asks a job to stop. Gives its end if it has one, '' if there is no such job, else 'open': then the flag stands until it ends.
 *
 * KEYS record, cancelled · ARGV ttl of the flag (ms)
 */
export const cancelScript = `
local record = redis.call('HMGET', KEYS[1], 'team', 'state')
if not record[1] then return '' end
if record[2] then return record[2] end
redis.call('HSET', KEYS[1], 'cancelling', '1')
redis.call('SET', KEYS[2], '1', 'PX', ARGV[1])
return 'open'`;
