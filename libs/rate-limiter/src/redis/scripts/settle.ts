import { FOREIGN_RENEWALS_PER_WINDOW } from '../../store.ts';
import { foreignSlotsFunction, freed, limit, openState, seen } from './state.ts';

/**
 * SETTLE as Lua, for the scripts that also settle. `at` is where its arguments begin and they run to the
 * end of ARGV: the youngest grant that succeeded or 0, the vendor's limit or '', the vendor's count as epoch or ''
 * and seq, how many ids were answered, those ids, then the ids never sent.
 *
 * - **Answered**: the request had arrived by now, so the slot falls free a window from now, and no sooner: a
 *   settlement that comes after the lease lengthens the holding, since the request may have arrived as late as that.
 *   A slot already granted to another is another slot.
 * - **Never sent**: given back. **Unknown** is not told: the slot stays for lease + window.
 * - **The vendor's count** above what can be ours means that somebody else uses the key; the difference counts as
 *   taken for a window or two (see `foreignHoldMs`). The slots added raise `seq`, so the next count sees them as explained. As many of
 *   them as a later count cannot be without are held anew now and then, unless the vendor leaves a margin: somebody who goes on must not be
 *   forgotten all at once.
 */
export const settle = (at: string) => `
local settled_at = ${at}
local answered = tonumber(ARGV[settled_at + 4])
if answered > 0 then
  local until_text = string.format('%.0f', soon + window)
  for index = settled_at + 5, settled_at + 4 + answered do
    call('ZADD', slots, 'XX', until_text, ARGV[index])
  end
  if soon + window > frees_last then frees_last, ledger_changed = soon + window, true end
end
for index = settled_at + 5 + answered, #ARGV do
  if call('ZREM', slots, ARGV[index]) == 1 then ${freed('ARGV[index]')} end
end

if pause_level > 0 and tonumber(ARGV[settled_at]) > pause_began_at then
  pause_level, ledger_changed = 0, true
end

local told = tonumber(ARGV[settled_at + 1])
if told and told ~= vendor then
  if told < ${limit} then lowered_seq = seq end
  vendor, ledger_changed = told, true
end

if tonumber(ARGV[settled_at + 2]) == epoch then
  local unexplained = tonumber(ARGV[settled_at + 3]) - seq
  local renewed_ago = now - foreign_renewed_at
  local renews = foreign_until > now and (renewed_ago < 0 or renewed_ago >= window / ${FOREIGN_RENEWALS_PER_WINDOW})
  if unexplained > 0 or renews then
    ${foreignSlotsFunction}
    local held = foreign_slots()
    foreign_added = math.max(0, math.min(unexplained, ${limit} - #held))
    local own_limit = flag and math.min(configured, flag) or configured
    local has_margin = vendor and vendor > own_limit
    local hold = (has_margin and window or 2 * window) + math.max(0, paused_until - now)
    local until_text = string.format('%.0f', soon + hold)
    local still_there = 0
    if renews and #held > 0 then
      still_there = has_margin and 0 or math.max(0, #held + math.min(0, unexplained))
      for index = 1, still_there do call('ZADD', slots, until_text, held[index]) end
      foreign_renewed_at, ledger_changed = now, true
    end
    for index = 1, foreign_added do
      call('ZADD', slots, until_text, string.format('foreign:%.0f', seq + index))
    end
    seq, lowered_seq = seq + foreign_added, lowered_seq + foreign_added
    if foreign_added + still_there > 0 then
      foreign_until = math.max(foreign_until, soon + hold)
      frees_last, ledger_changed = math.max(frees_last, soon + hold), true
    end
  end
end
`;

/** SETTLE: what became of requests. ARGV 7 on: see `settle`. Replies what every operation replies. */
export const settleScript = (clock: string) => `
${openState(clock, { dropsFree: false })}
${settle('7')}
${seen()}
`;
