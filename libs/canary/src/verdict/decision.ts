import type { PerArm } from '../arm.ts';
import { errorGroups, type ErrorGroup, type RequestLedger } from '../ledger/minute-counts.ts';

export interface Stage {
  readonly name: string;
  /** Of 100: of the calls in two-arm mode, of the limit in single-arm mode. */
  readonly share: number;
  readonly dwellMinutes: number;
  /** Calls of the canary without which a stage is never passed. */
  readonly callsMin: number;
  /** How much worse (as a share of calls, 0.05 = 5 percentage points) the canary may at most be; absent: only hard stops count. */
  readonly worseMax?: number;
}

/** How a run is judged. Plain JSON: it is kept with the run, so that a run is judged to its end as it began. */
export interface CanaryPlan {
  readonly mode: 'two-arm' | 'single-arm';
  readonly stages: readonly Stage[];
  /** How long a promoted canary is still watched. */
  readonly armedMinutes: number;
  readonly inconclusiveAfterMinutes: number;
  readonly holdMaxMinutes: number;
  /** The chance of rolling back a canary that is no worse, per run. */
  readonly alpha: number;
  /** Operations that are switched off, and nothing is rolled back, when the canary is refused on them alone: those above the plan we pay for. */
  readonly mayDisable: readonly string[];
}

/** What evidence is gathered about: the groups of errors, all of them together, and requests answered with 429. */
export const evidenceGroups = [...errorGroups, 'all', 'throttled'] as const;
export type EvidenceGroup = (typeof evidenceGroups)[number];

export type RollbackReason = `worse:${EvidenceGroup}` | 'hard-stop' | 'quota-overrun';

export type HoldReason =
  | 'vendor-trouble'
  | 'both-arms-refused'
  | 'quota:baseline'
  | 'quota:foreign'
  | 'quota:limit'
  | 'no-data';

export type InconclusiveReason = 'too-few-calls' | 'too-long' | 'held-too-long' | 'not-shown';

export type Decision =
  | { readonly kind: 'continue' }
  /** `stage` is an index into the plan's stages. */
  | { readonly kind: 'advance'; readonly stage: number; readonly share: number }
  | { readonly kind: 'promote' }
  /** The armed time after a promotion has passed: the run is over. */
  | { readonly kind: 'finished' }
  | { readonly kind: 'hold'; readonly reason: HoldReason }
  | { readonly kind: 'inconclusive'; readonly reason: InconclusiveReason }
  | { readonly kind: 'disable-endpoint'; readonly operation: string }
  | { readonly kind: 'rollback'; readonly reason: RollbackReason; readonly operation?: string };

/** The figures behind a decision; kept with every tick. */
export interface Evidence {
  /** An index into the plan's stages; their number once the canary is promoted and watched. */
  readonly stage: number;
  /** Minutes of the stage's clock, holds left out. */
  readonly stageMinutes: number;
  readonly runMinutes: number;
  /** Calls in this stage, minutes on hold left out. One arm alone is judged as the canary. */
  readonly calls: PerArm<number>;
  /** E per group, 1 where nothing speaks for or against; a rollback at or above `threshold`. */
  readonly e: Readonly<Record<EvidenceGroup, number>>;
  readonly threshold: number;
  /** Stratified risk difference of this stage, and the bound that must not exceed the stage's `worseMax`. */
  readonly riskDifference?: number;
  readonly upperBound?: number;
  /** Of the last minute. */
  readonly requests: PerArm<RequestLedger>;
  readonly vendorUsed?: number;
  readonly limitInForce?: number;
  /** At most 5, most errors of the canary first. */
  readonly offenders: readonly {
    readonly operation: string;
    readonly group: ErrorGroup;
    readonly errors: PerArm<number>;
    readonly calls: PerArm<number>;
    readonly traceId?: string;
  }[];
}
