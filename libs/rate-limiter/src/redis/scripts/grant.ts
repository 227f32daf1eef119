import { LIMIT_PER_NEVER_LENT, LIMIT_PER_RESERVED } from '../../lanes.ts';
import { shareOutFunction } from './fair-shares.ts';
import { openState } from './state.ts';
import { settleFunction } from './settle.ts';

/**
 * GRANT: as many of the asked slots as the lane has room for and the teams have a share in, each held for lease + window until it
 * is settled.
 *
 *   ARGV 7-11   lane, its share in percent, its catch-up in percent or 0 (not paced), id prefix, first id
 *   ARGV 12     how many demands follow, of five each: team, weight, permits at most or '', wanted, told to come back
 *   ARGV next   settlements, applied first: see `settleFunction`
 *   replies     … slots in use, and for each demand: granted, why the rest waits (1 limit, 2 pause, 3 state lost, 4 the team's
 *               quota), how many wait, how many waits follow, the waits in ms at `waitPlaces`
 *
 * A slot is held from its grant until a window after its answer. A request arrives between the two; so whenever the
 * slot is granted again, the former arrival has left every window the vendor could count in, sliding or aligned.
 *
 * The waits are exact for slots that were settled and a lower bound for the others, which may be settled any moment
 * and fall free a window later. Who waits behind all slots in use waits for their next round. For a paced lane the pace's own time
 * counts if it is later.
 */
export const grantScript = (clock: string) => `
${openState(clock, `, 'book:' .. ARGV[7]`)}
${settleFunction}
${shareOutFunction}
local lane, prefix, next_id = ARGV[7], ARGV[10], tonumber(ARGV[11])
local share, catch_up = tonumber(ARGV[8]), tonumber(ARGV[9])
local demands, at = {}, 13
for index = 1, tonumber(ARGV[12]) do
  demands[index] = { ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4]) }
  at = at + 5
end
settle(at)

local in_use = redis.call('ZCARD', slots) - 1
local capacity = math.max(1, math.floor(limit() * share / 100))
local due, pace_us, step_us, reserve, never = math.huge, 0, 0, 0, 0
if catch_up > 0 then
  step_us = math.floor(window * 1000 / capacity)
  local burst = math.max(1, math.ceil(capacity * catch_up / 100))
  pace_us = math.max(field(10, 0), now * 1000 - (burst - 1) * step_us)
  if pace_us > now * 1000 + step_us then pace_us = now * 1000 end
  due = math.max(0, math.floor((now * 1000 - pace_us) / step_us) + 1)
else
  reserve, never = math.floor(limit() / ${LIMIT_PER_RESERVED}), math.floor(limit() / ${LIMIT_PER_NEVER_LENT})
end
local held_until, reason = math.max(blocked_until, paused_until), 1
if blocked_until > now then due, reason = 0, 3 elseif paused_until > now then due, reason = 0, 2 end

local book = fields[12] and cmsgpack.unpack(fields[12]) or { tags = {}, asks = {} }
local own, turn_at, close = share_out(book, prefix, demands, limit(), reserve, never, capacity - in_use, due)
local granted = 0
for _, line in ipairs(own) do
  local account = catch_up > 0 and line.demand[1] .. '~' or line.demand[1]
  for index = 0, line.granted - 1 do
    redis.call('ZADD', slots, free_at(lease + window), account .. '/' .. prefix .. ':' .. string.format('%.0f', next_id + index))
  end
  next_id, granted = next_id + line.demand[4], granted + line.granted
  if line.granted > 0 then used[account], used_changed = (used[account] or 0) + line.granted, true end
end
if granted > 0 then
  in_use, seq = in_use + granted, seq + granted
  change('seq', string.format('%.0f', seq))
  if catch_up > 0 then
    pace_us = pace_us + granted * step_us
    change('paceUs', string.format('%.0f', pace_us))
  end
end

local function slot_frees_at(turn, held)
  local size = math.max(1, capacity - held)
  local rank, frees = turn % size - (capacity - held - in_use), now
  if rank >= 0 then
    local slot = redis.call('ZRANGE', slots, rank, rank, 'WITHSCORES')
    frees = math.min(tonumber(slot[2]) or math.huge, free_at(window))
  end
  return frees + math.floor(turn / size) * window
end
local function wait_at(line, place)
  local turn, held, lend_at = turn_at(line, place)
  local frees_at = math.min(slot_frees_at(turn, held), lend_at)
  local due_at = catch_up > 0 and math.ceil((pace_us + turn * step_us) / 1000) or 0
  return math.max(1, frees_at - now, due_at - now, held_until - now)
end
local function first_frees_in(team)
  local ranked = redis.call('ZRANGE', slots, 0, -1, 'WITHSCORES')
  for index = 1, #ranked, 2 do
    local head = string.sub(ranked[index], 1, #team + 2)
    if head == team .. '~/' or string.sub(head, 1, -2) == team .. '/' then
      return math.min(free_at(window), tonumber(ranked[index + 1])) - now
    end
  end
  return free_at(window) - now
end

local reply, comes_in = { in_use }, math.huge
local function add(...) for _, value in ipairs({ ... }) do reply[#reply + 1] = value end end
for _, line in ipairs(own) do
  local later = line.demand[5]
  local waiting = line.ready - line.granted + later
  if line.ready < line.demand[4] and waiting == later then
    local wait = math.max(1, first_frees_in(line.demand[1]), held_until - now)
    add(line.granted, 4, waiting, 1, wait)
    comes_in = math.min(comes_in, wait)
  elseif waiting == 0 then
    add(line.granted, reason, 0, 0)
  else
    add(line.granted, reason, waiting, 0)
    local told, place = #reply, 0
    while place < waiting do
      add(wait_at(line, place))
      place = place < 3 and place + 1 or 2 * place + 1
    end
    add(wait_at(line, waiting))
    reply[told] = #reply - told
    comes_in = math.min(comes_in, reply[told + 1])
  end
end
local after = close(now + comes_in)
if after then
  change('book:' .. lane, cmsgpack.pack(after))
elseif fields[12] then
  redis.call('HDEL', state, 'book:' .. lane)
end
return seen(unpack(reply))
`;
