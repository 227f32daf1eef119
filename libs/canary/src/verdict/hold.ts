import type { HoldReason } from './decision.ts';

/** A run that stands still: its stage's clock and its share. */
export interface Hold {
  readonly reason: HoldReason;
  readonly minutes: number;
  /** Minutes without a cause, in a row. */
  readonly clean: number;
}

const CLEAN_MINUTES = 2;

/**
 * A minute with a cause holds, and two in a row without one let go: what has just ended tends to come back. A minute without data is not a
 * clean one; after nothing but missing data the first minute that has some goes on.
 */
export const nextHold = (
  before: Hold | undefined,
  cause: HoldReason | undefined,
): Hold | undefined => {
  const minutes = (before?.minutes ?? 0) + 1;
  if (cause !== undefined) {
    const reason = cause === 'no-data' ? (before?.reason ?? cause) : cause;
    return { reason, minutes, clean: 0 };
  }
  if (!before || before.reason === 'no-data' || before.clean + 1 >= CLEAN_MINUTES) return undefined;
  return { ...before, minutes, clean: before.clean + 1 };
};
