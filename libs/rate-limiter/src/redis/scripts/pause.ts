import { PAUSE_FIRST_MS, RETRY_AFTER_MAX_MS, RETRY_AFTER_MIN_MS } from '../../store.ts';
import { foreignSlotsFunction, openState, seen } from './state.ts';

/**
 * PAUSE: the vendor throttled a request; nobody is granted for a while.
 *
 *   ARGV 7-9   the request's grant on this clock or '', its Retry-After in ms or '', chance in [0, 1)
 *   replies    … how long until requests may go again, 1 if this call began or lengthened the pause, slots in use, foreign ones,
 *              what the vendor allows as far as is known, own slots taken since the limit was last lowered
 *
 * All throttled requests that were granted before the pause began are the same incident: they tell nothing the first
 * did not. Only a request that was sent after a pause and throttled again doubles the next one. What the vendor
 * demands by Retry-After is obeyed in any case.
 */
export const pauseScript = (clock: string) => `
${openState(clock)}
local granted_at, retry_after = tonumber(ARGV[7]), tonumber(ARGV[8])
local before = paused_until
local known = paused_until > now
if granted_at then known = granted_at <= pause_began_at end
if not known then
  local base = math.min(${PAUSE_FIRST_MS} * 2 ^ pause_level, window)
  paused_until = math.max(before, now + math.ceil(base * (1 + tonumber(ARGV[9])) / 2))
  pause_began_at, pause_level = now, math.min(pause_level + 1, 30)
end
if retry_after then
  retry_after = math.min(math.max(retry_after, ${RETRY_AFTER_MIN_MS}), ${RETRY_AFTER_MAX_MS})
  paused_until = math.max(paused_until, now + retry_after)
end
ledger_changed = true
${foreignSlotsFunction}
${seen(
  "math.max(0, paused_until - now), paused_until > before and 1 or 0, call('ZCARD', slots) - 1, #foreign_slots(), vendor or configured, seq - lowered_seq",
)}
`;
