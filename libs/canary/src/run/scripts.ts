/**
 * Changes the record of the run, if it still is at the version that was read and, for a controller, if that one still leads.
 * KEYS current, leader, runs, record of the run, its ticks · ARGV version read, leader's text or '' for a person, run's id, record as
 * JSON, kept for (ms), runs remembered, ticks kept, prefix of the records, ticks …
 */
export const changeScript = `
local version = tonumber(redis.call('HGET', KEYS[1], 'version') or '0')
if ARGV[2] ~= '' and redis.call('GET', KEYS[2]) ~= ARGV[2] then return {'fenced', version} end
if version ~= tonumber(ARGV[1]) then return {'conflict', version} end
redis.call('HSET', KEYS[1], 'version', version + 1, 'run', ARGV[4])
redis.call('SET', KEYS[4], ARGV[4], 'PX', ARGV[5])
redis.call('LREM', KEYS[3], 0, ARGV[3])
redis.call('LPUSH', KEYS[3], ARGV[3])
for _, forgotten in ipairs(redis.call('LRANGE', KEYS[3], ARGV[6], -1)) do
  redis.call('DEL', ARGV[8] .. forgotten, ARGV[8] .. forgotten .. ':ticks')
end
redis.call('LTRIM', KEYS[3], 0, ARGV[6] - 1)
for at = 9, #ARGV do redis.call('XADD', KEYS[5], 'MAXLEN', '~', ARGV[7], '*', 'tick', ARGV[at]) end
redis.call('PEXPIRE', KEYS[5], ARGV[5])
return {'changed', version + 1}`;

/**
 * Becomes leader, or stays it for another lease. Answers with the token, 0 when another one leads.
 * KEYS leader, fence · ARGV name, lease (ms)
 */
export const leadScript = `
local held = redis.call('GET', KEYS[1])
if held then
  local token, name = held:match('^(%d+) (.+)$')
  if name ~= ARGV[1] then return 0 end
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return tonumber(token)
end
local token = redis.call('INCR', KEYS[2])
redis.call('SET', KEYS[1], token .. ' ' .. ARGV[1], 'PX', ARGV[2])
return token`;

/** Gives the lead back, if it is ours. KEYS leader · ARGV leader's text */
export const resignScript = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`;
