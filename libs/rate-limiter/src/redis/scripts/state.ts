import { RETRY_AFTER_MAX_MS } from '../../store.ts';

/** `now` in whole ms, on the one clock all processes share. */
export const redisClock = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/**
 * What every script begins with: the clock, the terms of the caller, the state as it stands.
 *
 *   KEYS[1] slots   sorted set: slot id -> when it falls free (ms); and one member 'epoch:<epoch>' at +inf
 *   KEYS[2] state   hash of packed values: facts (a list, in the order of `facts`), used (account -> { slots it holds, weight, when it had the last
 *                   one }) and book:<lane> (who waits; see fair-shares.ts). One field for all facts: each field costs as much as a command
 *   ARGV 1-6        window, lease, configured limit, flag's limit or '', witnessed epoch, witnessed seq
 *
 * The state counts as **lost** when its epoch is missing, when the slots are not of the same epoch (one key of the
 * two is gone or was put back), or when it is older than what the caller has already seen: a restart from an old
 * snapshot and a fail-over to a lagging replica bring back a past in which newer grants never happened.
 *
 * `alsoField`: Lua, a comma and the name of one more field to read; it is then the third of `fields`.
 */
export const readState = (clock: string, alsoField = '') => `
local slots, state = KEYS[1], KEYS[2]
${clock}
local window, lease = tonumber(ARGV[1]), tonumber(ARGV[2])

-- The clock is cut to whole ms; the ms added is what keeps a slot from being free early by the part cut off.
local function free_at(ms) return now + 1 + ms end

local fields = redis.call('HMGET', state, 'facts', 'used'${alsoField})
local facts = fields[1] and cmsgpack.unpack(fields[1]) or { 0, 0, 0, 0, 0, 0, tonumber(ARGV[3]), false, false, 0, 0, 0 }
local epoch, seq, blocked_until, paused_until, pause_began_at, pause_level = facts[1], facts[2], facts[3], facts[4], facts[5], facts[6]
local configured, flag, vendor, pace_us, borrow_us, lowered_seq = facts[7], facts[8], facts[9], facts[10], facts[11], facts[12]
local foreign_until = facts[13] or 0

local function limit()
  local least = configured
  if flag and flag < least then least = flag end
  if vendor and vendor < least then least = vendor end
  return least
end

-- The slot that falls free last, and behind it the mark of the epoch; the mark alone when no slot is taken.
local last = redis.call('ZRANGE', slots, -2, -1, 'WITHSCORES')
local witnessed_epoch, witnessed_seq = tonumber(ARGV[5]), tonumber(ARGV[6])
local lost = epoch == 0
  or last[#last - 1] ~= 'epoch:' .. string.format('%.0f', epoch)
  or epoch < witnessed_epoch
  or (epoch == witnessed_epoch and seq < witnessed_seq)
`;

/**
 * What every writing script does first: set up a lost state, bring times back that a clock set back has put out of
 * reach, and, unless it leaves that to the next grant, drop the slots that fell free.
 *
 * After a loss nobody is granted for window **plus lease**. One window is not enough: a request granted just before
 * the loss may arrive until its lease has passed, and a window that begins with its arrival must hold no grant of
 * the new state beyond the limit. Only after lease + window no arrival of the old state can share a window with one
 * of the new.
 *
 * A clock set back would keep slots and pauses for as long as it was set back. No slot taken so far can rightly be
 * held longer than from now on for lease + window, or two windows and a pause if that is more (a foreign one), so they are brought down to that. A clock that jumps forward
 * cannot be told from time that passed: the host's clock must be slewed, not stepped.
 */
export const openState = (
  clock: string,
  { alsoField = '', dropsFree = true }: { alsoField?: string; dropsFree?: boolean } = {},
) => `
${readState(clock, alsoField)}
local lost_for, facts_changed = 0, false
if blocked_until > free_at(window + lease) then
  blocked_until, facts_changed = free_at(window + lease), true
end
if paused_until > now + math.max(window, ${RETRY_AFTER_MAX_MS}) then
  paused_until, facts_changed = now + math.max(window, ${RETRY_AFTER_MAX_MS}), true
end
if lost then
  lost_for = 1 + window + lease
  epoch = math.max(now, witnessed_epoch + 1)
  seq, blocked_until, paused_until = 0, free_at(window + lease), 0
  pause_began_at, pause_level = 0, 0
  configured, flag, vendor = tonumber(ARGV[3]), tonumber(ARGV[4]), nil
  pace_us, borrow_us, lowered_seq, foreign_until = 0, 0, 0, 0
  fields, facts_changed = {}, true
  redis.call('DEL', slots, state)
  redis.call('ZADD', slots, '+inf', 'epoch:' .. string.format('%.0f', epoch))
${
  dropsFree
    ? `else
  local held_max = free_at(window + math.max(lease, window + math.max(0, paused_until - now)))
  if #last == 4 and tonumber(last[2]) > held_max then
    local held = redis.call('ZRANGEBYSCORE', slots, '(' .. string.format('%.0f', held_max), '+inf')
    for index = 1, #held - 1 do redis.call('ZADD', slots, 'XX', held_max, held[index]) end
  end`
    : ''
}
end

-- What changes in the state is written once, at the end.
local changes = {}
local function change(field, value) changes[#changes + 1], changes[#changes + 2] = field, value end

-- Read when it is asked for: most settlements do not.
local used, used_changed = nil, false
local function holdings()
  if not used then used = fields[2] and cmsgpack.unpack(fields[2]) or {} end
  return used
end
local function freed(id)
  local slash = string.find(id, '/', 1, true)
  if not slash then return end
  local account = string.sub(id, 1, slash - 1)
  local holding = holdings()[account]
  if not holding then return end
  holding[1], used_changed = holding[1] - 1, true
  if holding[1] <= 0 then used[account] = nil end
end

local function drop_free()
  local expired = redis.call('ZRANGEBYSCORE', slots, '-inf', now)
  if #expired > 0 then
    redis.call('ZREMRANGEBYSCORE', slots, '-inf', now)
    for _, id in ipairs(expired) do freed(id) end
  end
end
${dropsFree ? 'drop_free()' : ''}

local function foreign_slots()
  local ids = {}
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', slots, '(' .. string.format('%.0f', now), '+inf')) do
    if string.sub(id, 1, 8) == 'foreign:' then ids[#ids + 1] = id end
  end
  return ids
end

local foreign_added = 0
local function seen(...)
  if facts_changed then
    change('facts', cmsgpack.pack({ epoch, seq, blocked_until, paused_until, pause_began_at, pause_level,
      configured, flag or false, vendor or false, pace_us, borrow_us, lowered_seq, foreign_until }))
  end
  if used_changed then change('used', cmsgpack.pack(used)) end
  if #changes > 0 then redis.call('HSET', state, unpack(changes)) end
  return { lost_for, epoch, seq, limit(), now, foreign_added, ... }
end
`;
