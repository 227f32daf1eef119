/**
 * Stores an answer, gives the lock back, and keeps all answers inside the byte budget by dropping the least recently used.
 * The queue lives in the same Redis and forbids `maxmemory` eviction, so the store evicts for itself. An answer older than
 * the stored one (written by a process that was frozen) is not stored, nor one that no budget could hold. What is stored
 * under its own key was not refused, so a pointer that says otherwise goes.
 *
 * KEYS answer, lock, pointer, used, sizes, expiries, bytes
 * ARGV key, token, facts, vendor, house ('' = same as vendor), freshUntil, fetchedAt, expireAt, budget, answer key prefix
 */
export const putScript = `
local answerKey, lockKey, pointerKey = KEYS[1], KEYS[2], KEYS[3]
local usedKey, sizesKey, expiriesKey, bytesKey = KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local key, budget = ARGV[1], tonumber(ARGV[9])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

if redis.call('GET', lockKey) == ARGV[2] then redis.call('DEL', lockKey) end
local size = #ARGV[3] + #ARGV[4] + #ARGV[5] + 400
if size > budget then return 'too-large' end
local stored = redis.call('HGET', answerKey, 'fetchedAt')
if stored and tonumber(stored) > tonumber(ARGV[7]) then return 'outdated' end

local function forget(gone)
  local bytes = redis.call('HGET', sizesKey, gone)
  if bytes then redis.call('DECRBY', bytesKey, bytes) end
  redis.call('HDEL', sizesKey, gone)
  redis.call('ZREM', usedKey, gone)
  redis.call('ZREM', expiriesKey, gone)
end

for _, gone in ipairs(redis.call('ZRANGEBYSCORE', expiriesKey, '-inf', now, 'LIMIT', 0, 1000)) do forget(gone) end
if redis.call('HEXISTS', sizesKey, key) == 1 then forget(key) end

redis.call('DEL', answerKey, pointerKey)
local house = ARGV[5] ~= '' and { 'house', ARGV[5] } or {}
redis.call('HSET', answerKey, 'facts', ARGV[3], 'vendor', ARGV[4], 'freshUntil', ARGV[6], 'fetchedAt', ARGV[7], unpack(house))
redis.call('PEXPIREAT', answerKey, ARGV[8])
redis.call('ZADD', usedKey, now, key)
redis.call('ZADD', expiriesKey, ARGV[8], key)
redis.call('HSET', sizesKey, key, size)
local bytes = redis.call('INCRBY', bytesKey, size)

while bytes > budget do
  local oldest = redis.call('ZRANGE', usedKey, 0, 1)
  local gone = oldest[1] ~= key and oldest[1] or oldest[2]
  if not gone then break end
  redis.call('DEL', ARGV[10] .. gone)
  forget(gone)
  bytes = tonumber(redis.call('GET', bytesKey))
end
return 'stored'`;

/**
 * Before a request: is there a fresh answer already, is somebody else fetching it, or is it ours to fetch?
 *
 * KEYS answer, lock · ARGV token, lockMs, the oldest fetchedAt that does (0 = any fresh answer does)
 */
export const beginScript = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stored = redis.call('HMGET', KEYS[1], 'freshUntil', 'fetchedAt', 'facts')
if stored[3] and tonumber(stored[1]) > now and tonumber(stored[2]) >= tonumber(ARGV[3]) then return {'stored', stored[3]} end
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return {'begun'} end
return {'busy'}`;

/** Keeps a lock that is still ours for another while. KEYS lock · ARGV token, lockMs */
export const renewScript = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0`;

/** Gives a lock back if it is still ours. KEYS lock · ARGV token */
export const releaseScript = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`;
