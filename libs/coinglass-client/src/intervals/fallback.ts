import type { Interval } from './ladder.ts';

/** A widened interval, as it is told to the caller. */
export interface Fallback {
  readonly from: Interval;
  readonly to: Interval;
  readonly reason: 'plan' | 'interval-refused';
}

/** Two widenings in a row as the caller sees them: from what was asked to what was served, for the later reason. */
export const joinFallbacks = (
  first: Fallback | undefined,
  second: Fallback | undefined,
): Fallback | undefined =>
  first !== undefined && second !== undefined ? { ...second, from: first.from } : (second ?? first);
