import type { ThrottleCause } from '@glasshouse/rate-limiter';

/** What a run counts beside the arrivals. */
export interface Tally {
  sendings: number;
  /** Calls that were sent at least once. */
  calls: number;
  answered: number;
  failed: number;
  commands: number;
  crashes: number;
  freezes: number;
  stateLosses: number;
  restores: number;
  outages: number;
  throttled: number;
  /** Of the refusals, by the cause that the limiter named. */
  readonly causes: Partial<Record<ThrottleCause, number>>;
  /** Sent when a refusal was known and the vendor’s window still full. */
  sentThoughFull: number;
  foreignSeen: number;
}

export const emptyTally = (): Tally => ({
  sendings: 0,
  calls: 0,
  answered: 0,
  failed: 0,
  commands: 0,
  crashes: 0,
  freezes: 0,
  stateLosses: 0,
  restores: 0,
  outages: 0,
  throttled: 0,
  causes: {},
  sentThoughFull: 0,
  foreignSeen: 0,
});
