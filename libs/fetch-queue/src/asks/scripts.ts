/**
 * Adds an ask unless one that asks the same is still there. What nobody can want any more is dropped first, so that a house
 * without a fetcher does not fill up for good.
 *
 * KEYS asks, question · ARGV job id, ask id, data, added at, keep ms, most that may be there
 * Replies the id of the job that will answer, or nil when there is no room.
 */
export const addScript = `
local known = redis.call('GET', KEYS[2])
if known then
  local job, entry = string.match(known, '^(%S+) (%S+)$')
  if entry and #redis.call('XRANGE', KEYS[1], entry, entry) > 0 then return job end
end
local keep = tonumber(ARGV[5])
redis.call('XTRIM', KEYS[1], 'MINID', string.format('%.0f', redis.call('TIME')[1] * 1000 - keep))
if redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[6]) then return false end
local entry = redis.call('XADD', KEYS[1], '*', 'job', ARGV[1], 'ask', ARGV[2], 'data', ARGV[3], 'at', ARGV[4])
redis.call('SET', KEYS[2], ARGV[1] .. ' ' .. entry, 'PX', keep)
return ARGV[1]`;

/**
 * Takes an ask back that no fetcher has taken. Replies its job's id, or nil.
 *
 * KEYS asks, question · ARGV group
 */
export const takeBackScript = `
local job, entry = string.match(redis.call('GET', KEYS[2]) or '', '^(%S+) (%S+)$')
if not entry then return false end
local pending = redis.pcall('XPENDING', KEYS[1], ARGV[1], entry, entry, 1)
if not pending.err and #pending > 0 then return false end
if redis.call('XDEL', KEYS[1], entry) == 0 then return false end
redis.call('DEL', KEYS[2])
return job`;

/** An ask has ended. KEYS asks, question · ARGV group, entry, job id */
export const endScript = `
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
redis.call('XDEL', KEYS[1], ARGV[2])
if redis.call('GET', KEYS[2]) == ARGV[3] .. ' ' .. ARGV[2] then redis.call('DEL', KEYS[2]) end
return 1`;

/**
 * Puts an ask back for another fetcher: last in line, as old as it is. Whoever asks the same goes on finding it.
 *
 * KEYS asks, question · ARGV group, entry, job id
 */
export const giveBackScript = `
local found = redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[2])
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
if #found == 0 then return 0 end
redis.call('XDEL', KEYS[1], ARGV[2])
local entry = redis.call('XADD', KEYS[1], '*', unpack(found[1][2]))
local left = redis.call('PTTL', KEYS[2])
if left > 0 and redis.call('GET', KEYS[2]) == ARGV[3] .. ' ' .. ARGV[2] then
  redis.call('SET', KEYS[2], ARGV[3] .. ' ' .. entry, 'PX', left)
end
return 1`;

/**
 * Holds on to asks. Replies those that are still this fetcher's.
 *
 * KEYS asks · ARGV group, fetcher, entries
 */
export const renewScript = `
local mine = {}
for index = 3, #ARGV do
  local entry = ARGV[index]
  if #redis.call('XPENDING', KEYS[1], ARGV[1], entry, entry, 1, ARGV[2]) > 0 then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, entry, 'JUSTID')
    mine[#mine + 1] = entry
  end
end
return mine`;

/**
 * Takes up what nobody has renewed for a lease: its fetcher was killed, hangs, or never heard that it had it. Fetchers that hold nothing
 * and were not heard of for ten minutes are forgotten. Replies entry, how often it has been taken, and its fields, for each.
 *
 * KEYS asks · ARGV group, fetcher, lease ms, most
 */
export const rescueScript = `
local rescued = {}
for _, each in ipairs(redis.call('XPENDING', KEYS[1], ARGV[1], 'IDLE', ARGV[3], '-', '+', ARGV[4])) do
  local entry = each[1]
  local found = redis.call('XRANGE', KEYS[1], entry, entry)
  if #found == 0 then
    redis.call('XACK', KEYS[1], ARGV[1], entry)
  else
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, entry, 'RETRYCOUNT', each[4] + 1)
    rescued[#rescued + 1] = { entry, each[4] + 1, found[1][2] }
  end
end
for _, each in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local fields = {}
  for index = 1, #each, 2 do fields[each[index]] = each[index + 1] end
  if fields.pending == 0 and fields.idle > 600000 then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], fields.name)
  end
end
return rescued`;
