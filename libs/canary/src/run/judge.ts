import type { MinuteCounts } from '../ledger/minute-counts.ts';
import type { CanaryPlan, Decision, Evidence } from '../verdict/decision.ts';

/** The verdict as a run needs it. All pure; the state is plain JSON that nobody else looks into. */
export interface Judge {
  begin(plan: CanaryPlan): unknown;
  /** Proposes; it is the run that enters a stage. */
  judge(
    plan: CanaryPlan,
    state: unknown,
    counts: MinuteCounts,
  ): { readonly state: unknown; readonly decision: Decision; readonly evidence: Evidence };
  enterStage(state: unknown, stage: number): unknown;
  /** From now on a promoted canary is watched. */
  enterArmed(state: unknown): unknown;
  /** A person answered an inconclusive run with "go on": limits of time begin anew, evidence stays. */
  goOn(state: unknown): unknown;
  explain(decision: Decision, evidence: Evidence): string;
}
