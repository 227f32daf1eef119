import type { Permit, PermitRequest, Settlement } from './rate-limiter.ts';
import type { Slot } from './settlements.ts';

export interface PermitParts {
  readonly slot: Slot;
  readonly request: PermitRequest;
  readonly waitedMs: number;
  /** Still young enough to be used? */
  readonly isFresh: () => boolean;
  readonly settle: (slot: Slot, settlement: Settlement) => void;
}

/** A permit as its holder sees it. It counts only the first settlement. */
export const createPermit = ({ slot, request, waitedMs, isFresh, settle }: PermitParts): Permit => {
  let settled = false;
  return {
    lane: request.lane,
    arm: request.arm,
    team: request.team.id,
    waitedMs,
    isFresh,
    settle(settlement) {
      if (settled) return;
      settled = true;
      settle(slot, settlement);
    },
  };
};
