import type { ArmName, CanaryPlan, PerArm } from '@glasshouse/canary';

/** Shares of calls that end so; the rest are well. */
export interface Rates {
  readonly auth: number;
  readonly params: number;
  readonly server: number;
}

export interface Call {
  readonly arm: ArmName;
  readonly operation: number;
  readonly series: number;
}

/** When something is looked at: minutes since the begin, and since the promotion once there was one. */
export interface Moment {
  readonly minute: number;
  readonly promotedFor?: number;
}

/** How arms are drawn: the house draws for each call, the others are there to show why. */
export type Drawing = 'per-call' | 'per-series' | 'per-series-each-5-min';

export interface Scenario {
  readonly name: string;
  readonly mode: CanaryPlan['mode'];
  readonly callsPerMinute: number;
  readonly drawing: Drawing;
  /** Of the calls, so many ask for one of the dead series; absent: each series is asked for alike. */
  readonly deadShare?: number;
  /** Refusals are remembered for a minute, by key or by series: those of the baseline for both arms, those of the canary for itself. */
  readonly remembers?: 'key' | 'series';
  readonly rates: (call: Call, moment: Moment) => Rates;
  /** Requests sent for each permit. */
  readonly sentPerPermit: (moment: Moment) => PerArm<number>;
  /** Requests of others with the same key, in a minute. */
  readonly foreign: (moment: Moment) => number;
  /** Share of requests the vendor throttles whatever was sent. */
  readonly throttles: (moment: Moment) => number;
  readonly goal: Goal;
}

/**
 * What must be so. `no-worse`: rolled back in at most 1 % of the runs. `worse`: not rolled back, within the minutes, in at most
 * `missedMax` of them. `unproven`: never promoted. `shown`: no claim, printed only.
 */
export type Goal =
  | { readonly kind: 'no-worse' }
  | { readonly kind: 'worse'; readonly missedMax: number; readonly withinMinutes: number }
  | { readonly kind: 'unproven' }
  | { readonly kind: 'shown' };
