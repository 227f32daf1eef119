import { openState, seen } from './state.ts';

/**
 * DECLARE EPOCH: the caller vouches that nothing was sent with this key during the last window + lease. A store
 * without state gets one and does not block; a block that runs is lifted. Slots that are taken stay taken.
 */
export const declareEpochScript = (clock: string) => `
${openState(clock)}
lost_for, blocked_until, ledger_changed = 0, 0, true
${seen()}
`;
