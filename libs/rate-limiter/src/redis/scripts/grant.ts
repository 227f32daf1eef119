import { openState } from './state.ts';
import { settleFunction } from './settle.ts';

/**
 * GRANT: as many of the asked slots as the lane has room for, each held for lease + window until it is settled.
 *
 *   ARGV 7-11   id prefix, first id, how many, the lane's share in percent, its catch-up in percent or 0 (not paced)
 *   ARGV 12 on  settlements, applied first: see `settleFunction`
 *   replies     … granted, slots in use, why the rest waits (1 limit, 2 pause, 3 state lost), its waits in ms
 *
 * A slot is held from its grant until a window after its answer. A request arrives between the two; so whenever the
 * slot is granted again, the former arrival has left every window the vendor could count in, sliding or aligned.
 *
 * The waits are exact for slots that were settled and a lower bound for the others, which may be settled any moment
 * and fall free a window later. For a paced lane the pace's own time counts if it is later.
 */
export const grantScript = (clock: string) => `
${openState(clock)}
${settleFunction}
local prefix, first, wanted = ARGV[7], tonumber(ARGV[8]), tonumber(ARGV[9])
local share, catch_up = tonumber(ARGV[10]), tonumber(ARGV[11])
settle(12)

local in_use = redis.call('ZCARD', slots) - 1
local held_until = math.max(blocked_until, paused_until)
if blocked_until > now then return seen(0, in_use, 3, held_until - now) end
if paused_until > now then return seen(0, in_use, 2, held_until - now) end

local capacity = math.max(1, math.floor(limit() * share / 100))
local due, pace_us, step_us = wanted, 0, 0
if catch_up > 0 then
  step_us = math.floor(window * 1000 / capacity)
  local burst = math.max(1, math.ceil(capacity * catch_up / 100))
  pace_us = math.max(field(10, 0), now * 1000 - (burst - 1) * step_us)
  if pace_us > now * 1000 + step_us then pace_us = now * 1000 end
  due = math.max(0, math.floor((now * 1000 - pace_us) / step_us) + 1)
end

local granted = math.max(0, math.min(wanted, due, capacity - in_use))
for index = 0, granted - 1 do
  redis.call('ZADD', slots, free_at(lease + window), prefix .. ':' .. string.format('%.0f', first + index))
end
if granted > 0 then
  in_use = in_use + granted
  seq = redis.call('HINCRBY', state, 'seq', granted)
  if catch_up > 0 then
    pace_us = pace_us + granted * step_us
    redis.call('HSET', state, 'paceUs', string.format('%.0f', pace_us))
  end
end

local reply = seen(granted, in_use, 1)
if granted < wanted then
  local behind = in_use - capacity
  local from = math.max(0, behind)
  local ranked = redis.call('ZRANGE', slots, from, from + wanted - granted - 1, 'WITHSCORES')
  for place = 0, wanted - granted - 1 do
    local frees_at = now
    if behind + place >= 0 then
      local score = tonumber(ranked[2 * (behind + place - from) + 2])
      frees_at = math.min(score or free_at(window), free_at(window))
    end
    local due_at = catch_up > 0 and math.ceil((pace_us + place * step_us) / 1000) or 0
    reply[#reply + 1] = math.max(1, frees_at - now, due_at - now)
  end
end
return reply
`;
