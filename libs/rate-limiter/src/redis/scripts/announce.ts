import { limit, openState, seen } from './state.ts';

/**
 * ANNOUNCE: what limits the grants, for everybody. The vendor's own limit comes with the settlements.
 *
 *   ARGV 7-8   the configured limit or '', the flag's limit or 'none' or ''; '' leaves it as it is
 */
export const announceScript = (clock: string) => `
${openState(clock)}
local before = ${limit}
if ARGV[7] ~= '' then configured = tonumber(ARGV[7]) end
if ARGV[8] ~= '' then flag = ARGV[8] ~= 'none' and tonumber(ARGV[8]) end
if ${limit} < before then lowered_seq = seq end
ledger_changed = true
${seen()}
`;
