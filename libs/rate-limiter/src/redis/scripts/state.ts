import { RETRY_AFTER_MAX_MS } from '../../store.ts';

/** `now` in whole ms, on the one clock all processes share. */
export const redisClock = `
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/**
 * What the state's `ledger` holds, in this order. `lowered_seq`: what `seq` was when the limit was last lowered, risen since with each
 * foreign slot; `frees_last`: no slot falls free after it; `foreign_until`: no foreign one is held longer; `used`: account -> { slots it
 * holds, weight, when it had the last one }.
 */
const ledger =
  'epoch, seq, blocked_until, paused_until, pause_began_at, pause_level, configured, flag, vendor, pace_us, borrow_us, lowered_seq, frees_last, foreign_until, foreign_renewed_at, used';

/** Lua: the limit in force, the least of those there are. */
export const limit = 'math.min(configured, flag or configured, vendor or configured)';

/** Lua: the slot's account holds one less. */
export const freed = (id: string) => `
local account = string.match(${id}, '^([^/]+)/')
local holding = account and used[account]
if holding then
  holding[1], ledger_changed = holding[1] - 1, true
  if holding[1] <= 0 then used[account] = nil end
end
`;

/** The slots taken for what others do with the key. */
export const foreignSlotsFunction = `
local function foreign_slots()
  local ids = {}
  for _, id in ipairs(call('ZRANGEBYSCORE', slots, '(' .. string.format('%.0f', now), '+inf')) do
    if string.sub(id, 1, 8) == 'foreign:' then ids[#ids + 1] = id end
  end
  return ids
end
`;

/** Lua, how every writing script ends: what changed in the ledger is written once, then comes the reply. */
export const seen = (more = '') => `
if ledger_changed then call('HSET', state, 'ledger', cmsgpack.pack(${ledger})) end
return { lost_for, epoch, seq, ${limit}, now, foreign_added${more && `, ${more}`} }
`;

/**
 * What every script begins with: the clock, the terms of the caller, the state as it stands.
 *
 *   KEYS[1] slots   sorted set: slot id -> when it falls free (ms); and one member 'epoch:<epoch>' at +inf
 *   KEYS[2] state   hash of packed values: `ledger`, and book:<lane> for those who wait there (see fair-shares.ts). What nearly every
 *                   grant changes is one field, since each field costs as much as a command
 *   ARGV 1-6        window, lease, configured limit, flag's limit or '', witnessed epoch, witnessed seq
 *
 * The state counts as **lost** when its epoch is missing, when the slots are not of the same epoch (one key of the
 * two is gone or was put back), or when it is older than what the caller has already seen: a restart from an old
 * snapshot and a fail-over to a lagging replica bring back a past in which newer grants never happened.
 *
 * `alsoField`: Lua, a comma and the name of one more field to read; it is then the second of `fields`.
 *
 * Most of what a permit costs the store is spent in the scripts, and there on commands, on numbers that commands are given (each is
 * printed anew, hence the texts) and on functions that are made but not needed: a function stands below the last place that may return.
 */
export const readState = (clock: string, alsoField = '') => `
local call, slots, state = redis.call, KEYS[1], KEYS[2]
${clock}
local window, lease = tonumber(ARGV[1]), tonumber(ARGV[2])

local fields = call('HMGET', state, 'ledger'${alsoField})
local ${ledger}
if fields[1] then
  ${ledger} = cmsgpack.unpack(fields[1])
end

local witnessed_epoch, witnessed_seq = tonumber(ARGV[5]), tonumber(ARGV[6])
local lost = not epoch
  or call('ZRANGE', slots, '-1', '-1')[1] ~= string.format('epoch:%.0f', epoch)
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
-- The clock is cut to whole ms; the ms added is what keeps a slot from being free early by the part cut off.
local soon = now + 1
local lost_for, foreign_added, ledger_changed = 0, 0, false
if lost then
  lost_for = 1 + window + lease
  epoch = math.max(now, witnessed_epoch + 1)
  seq, blocked_until, paused_until = 0, soon + window + lease, 0
  pause_began_at, pause_level = 0, 0
  configured, flag, vendor = tonumber(ARGV[3]), tonumber(ARGV[4]), nil
  pace_us, borrow_us, lowered_seq, frees_last, foreign_until, foreign_renewed_at, used = 0, 0, 0, 0, 0, 0, {}
  fields, ledger_changed = {}, true
  call('DEL', slots, state)
  call('ZADD', slots, '+inf', string.format('epoch:%.0f', epoch))
else
  if blocked_until > soon + window + lease then
    blocked_until, ledger_changed = soon + window + lease, true
  end
  if paused_until > now + math.max(window, ${RETRY_AFTER_MAX_MS}) then
    paused_until, ledger_changed = now + math.max(window, ${RETRY_AFTER_MAX_MS}), true
  end
${
  dropsFree
    ? `
  local held_max = soon + window + math.max(lease, window + math.max(0, paused_until - now))
  if frees_last > held_max then
    frees_last, ledger_changed = held_max, true
    local held_max_text = string.format('%.0f', held_max)
    local held = call('ZRANGEBYSCORE', slots, '(' .. held_max_text, '+inf')
    for index = 1, #held - 1 do call('ZADD', slots, 'XX', held_max_text, held[index]) end
  end`
    : ''
}
end

${
  dropsFree
    ? `
local past = string.format('%.0f', now)
local expired = call('ZRANGEBYSCORE', slots, '-inf', past)
if #expired > 0 then
  call('ZREMRANGEBYSCORE', slots, '-inf', past)
  for index = 1, #expired do ${freed('expired[index]')} end
end`
    : ''
}
`;
