import { LIMIT_PER_RESERVED } from '../../kept-slots.ts';
import { BORROWED_AT_ONCE, lanes, type Lane, type LanePolicy } from '../../lanes.ts';
import { holdingFunctions, isRecent, shareOutFunction } from './fair-shares.ts';
import { keptSlotsFunctions } from './kept-slots.ts';
import { limit, openState, seen } from './state.ts';
import { settle } from './settle.ts';

/**
 * GRANT: as many of the asked slots as the lane has room for and the teams have a share in, each held for lease + window until it
 * is settled.
 *
 *   ARGV 7-8    id prefix, first id
 *   ARGV 9      how many demands follow, of five each: team, weight, permits at most or '', wanted, told to come back
 *   ARGV next   settlements, applied first: see `settle`
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
export const grantScript = (clock: string, lane: Lane) => {
  const { sharePercent, catchUpPercent = 0 }: LanePolicy = lanes[lane];
  return `
${openState(clock, { alsoField: `, 'book:${lane}'` })}
local share, catch_up = ${sharePercent}, ${catchUpPercent}
local prefix, next_id, demanded = ARGV[7], tonumber(ARGV[8]), tonumber(ARGV[9])
${settle('10 + 5 * demanded')}

local taken_until = soon + lease + window
local in_use = call('ZCARD', slots) - 1
local allowed = ${limit}
local capacity = math.max(1, math.floor(allowed * share / 100))
local reserved = catch_up == 0 and math.floor(allowed / ${LIMIT_PER_RESERVED}) or 0
local held_until, reason, due = math.max(blocked_until, paused_until), 1, math.huge
if blocked_until > now then due, reason = 0, 3 elseif paused_until > now then due, reason = 0, 2 end

-- Nobody waits, one team asks (its demand is ARGV 10-14), it is within its share and there is room: most grants of a house that is not
-- full, and nothing is made or looked up that they do not need. Lua prints a whole number of up to 14 digits as it is.
if reason == 1 and reserved > 0 and demanded == 1 and not fields[2] and ARGV[12] == '' and ARGV[13] ~= '0' and ARGV[14] == '0' then
  local team, weight, wanted = ARGV[10], tonumber(ARGV[11]), tonumber(ARGV[13])
  local holding, weights = used[team], weight
  local held = holding and holding[1] or 0
  for account, other in pairs(used) do
    if account ~= team and ${isRecent('account', 'other')} then weights = weights + other[2] end
  end
  if in_use + wanted <= capacity and held + wanted <= math.floor((allowed - reserved) * weight / weights) then
    for id = next_id, next_id + wanted - 1 do
      call('ZADD', slots, taken_until, team .. '/' .. prefix .. ':' .. id)
    end
    frees_last = math.max(frees_last, taken_until)
    used[team] = { held + wanted, weight, now }
    seq, ledger_changed = seq + wanted, true
    ${seen('in_use + wanted, wanted, 1, 0, 0')}
  end
end

local demands = {}
for index = 1, demanded do
  local at = 5 + 5 * index
  demands[index] = { ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4]) }
end
-- An even pace of so many a window, of which a few may go at once; \`last_us\` is where it stands.
local function pace(last_us, size, burst)
  local now_us, step = now * 1000, math.floor(window * 1000 / size)
  local from = math.max(last_us, now_us - (burst - 1) * step)
  if from > now_us + step then from = now_us end
  return from, step, math.max(0, math.floor((now_us - from) / step) + 1)
end
local lane_us, step_us, lane_due = 0, 0, math.huge
if catch_up > 0 then
  lane_us, step_us, lane_due = pace(pace_us, capacity, math.max(1, math.ceil(capacity * catch_up / 100)))
  due = math.min(due, lane_due)
end

${holdingFunctions}
${keptSlotsFunctions}
${shareOutFunction}
local book = fields[2] and cmsgpack.unpack(fields[2]) or { tags = {}, asks = {} }
local recent = {}
if reserved > 0 then
  for account, holding in pairs(used) do
    if ${isRecent('account', 'holding')} then recent[account] = holding[2] end
  end
end
local kept = kept_slots(reserved)
local borrowed_us, borrow_step_us, borrowable = pace(borrow_us, allowed, ${BORROWED_AT_ONCE})
local free = capacity - in_use
local own, borrowed, turn_at, close =
  share_out(book, prefix, demands, allowed, reserved, free, due, spare_beside(kept, free), borrowable, recent)
local granted = 0
for _, line in ipairs(own) do
  local account = catch_up > 0 and line.demand[1] .. '~' or line.demand[1]
  for index = 0, line.granted - 1 do
    call('ZADD', slots, taken_until, account .. '/' .. prefix .. ':' .. next_id + index)
  end
  next_id, granted = next_id + line.demand[4], granted + line.granted
  if line.granted > 0 then
    used[account], ledger_changed = { held_by(account) + line.granted, line.demand[2], now }, true
  end
end
if granted > 0 then
  in_use, seq, ledger_changed = in_use + granted, seq + granted, true
  frees_last = math.max(frees_last, taken_until)
  if catch_up > 0 then
    pace_us = lane_us + granted * step_us
    lane_us = pace_us
  end
  if borrowed and borrowed > 0 then
    borrowed_us = borrowed_us + borrowed * borrow_step_us
    borrow_us = borrowed_us
  end
end

local looked_up = {}
local function slot_frees_at(turn)
  local rank, frees = turn % capacity - (capacity - in_use), now
  if rank >= 0 then
    if not looked_up[rank] then
      local place = string.format('%.0f', rank)
      looked_up[rank] = tonumber(call('ZRANGE', slots, place, place, 'WITHSCORES')[2]) or math.huge
    end
    frees = math.min(looked_up[rank], soon + window)
  end
  return frees + math.floor(turn / capacity) * window
end
local function wait_at(line, place)
  local turn, is_over = turn_at(line, place)
  local served_at = math.max(slot_frees_at(turn), held_until)
  if catch_up > 0 then served_at = math.max(served_at, math.ceil((lane_us + turn * step_us) / 1000)) end
  if is_over then
    -- A later turn's slot falls free no earlier, but for the ms by which rounds may overlap: most looks could tell nothing new.
    local latest = slot_frees_at(turn + kept[#kept][1]) + 1
    for _, each in ipairs(kept) do
      if latest - each[2] <= served_at then break end
      served_at = math.max(served_at, slot_frees_at(turn + each[1]) - each[2])
    end
    if borrowed then served_at = math.max(served_at, math.ceil((borrowed_us + place * borrow_step_us) / 1000)) end
  end
  return math.max(1, served_at - now)
end
local function first_frees_in(team)
  local ranked = call('ZRANGE', slots, 0, -1, 'WITHSCORES')
  for index = 1, #ranked, 2 do
    local head = string.sub(ranked[index], 1, #team + 2)
    if head == team .. '~/' or string.sub(head, 1, -2) == team .. '/' then
      return math.min(soon + window, tonumber(ranked[index + 1])) - now
    end
  end
  return soon + window - now
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
      reply[#reply + 1] = wait_at(line, place)
      place = place < 3 and place + 1 or 2 * place + 1
    end
    reply[#reply + 1] = wait_at(line, waiting)
    reply[told] = #reply - told
    comes_in = math.min(comes_in, reply[told + 1])
  end
end
local after = close(now + comes_in)
if after then
  call('HSET', state, 'book:${lane}', cmsgpack.pack(after))
elseif fields[2] then
  call('HDEL', state, 'book:${lane}')
end
${seen('unpack(reply)')}
`;
};
