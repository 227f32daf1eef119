import { openState } from './state.ts';

/**
 * SETTLE as a Lua function, for the scripts that also settle. `at` is where its arguments begin and they run to the
 * end of ARGV: the youngest grant that succeeded or 0, the vendor's limit or '', the vendor's count as epoch or ''
 * and seq, how many ids were answered, those ids, then the ids never sent.
 *
 * - **Answered**: the request had arrived by now, so the slot falls free a window from now, and no sooner: a
 *   settlement that comes after the lease lengthens the holding, since the request may have arrived as late as that.
 *   A slot already granted to another is another slot.
 * - **Never sent**: given back. **Unknown** is not told: the slot stays for lease + window.
 * - **The vendor's count** above what can be ours means that somebody else uses the key; the difference counts as
 *   taken for a window or two (see `foreignHoldMs`). The slots added raise `seq`, so the next count sees them as explained. As many of
 *   them as a later count cannot be without are held anew, unless the vendor leaves a margin: somebody who goes on must not be
 *   forgotten all at once.
 */
export const settleFunction = `
local function settle(at)
  local answered = tonumber(ARGV[at + 4])
  for index = at + 5, at + 4 + answered do
    redis.call('ZADD', slots, 'XX', free_at(window), ARGV[index])
  end
  for index = at + 5 + answered, #ARGV do
    if redis.call('ZREM', slots, ARGV[index]) == 1 then freed(ARGV[index]) end
  end

  if pause_level > 0 and tonumber(ARGV[at]) > pause_began_at then
    pause_level, facts_changed = 0, true
  end

  local told = tonumber(ARGV[at + 1])
  if told and told ~= vendor then
    if told < limit() then lowered_seq = seq end
    vendor, facts_changed = told, true
  end

  if tonumber(ARGV[at + 2]) == epoch then
    local unexplained = tonumber(ARGV[at + 3]) - seq
    if unexplained > 0 or foreign_until > now then
      local held = foreign_slots()
      foreign_added = math.max(0, math.min(unexplained, limit() - #held))
      local own_limit = flag and math.min(configured, flag) or configured
      local has_margin = vendor and vendor > own_limit
      local hold = (has_margin and window or 2 * window) + math.max(0, paused_until - now)
      local still_there = has_margin and 0 or math.max(0, #held + math.min(0, unexplained))
      for index = 1, still_there do redis.call('ZADD', slots, free_at(hold), held[index]) end
      for index = 1, foreign_added do
        redis.call('ZADD', slots, free_at(hold), 'foreign:' .. string.format('%.0f', seq + index))
      end
      seq, lowered_seq = seq + foreign_added, lowered_seq + foreign_added
      if foreign_added + still_there > 0 then foreign_until, facts_changed = math.max(foreign_until, free_at(hold)), true end
    end
  end
end
`;

/** SETTLE: what became of requests. ARGV 7 on: see `settleFunction`. Replies what every operation replies. */
export const settleScript = (clock: string) => `
${openState(clock, { dropsFree: false })}
${settleFunction}
settle(7)
return seen()
`;
