import {
  evidenceGroups,
  type CanaryPlan,
  type Decision,
  type Evidence,
  type InconclusiveReason,
} from './decision.ts';
import type { HardStop } from './hard-stop.ts';
import { raisedShare } from './plan.ts';
import type { VerdictState } from './state.ts';

const PATIENCE_IN_DWELLS = 3;

/** All that a decision is made of. */
export interface Findings {
  readonly plan: CanaryPlan;
  readonly state: VerdictState;
  readonly evidence: Evidence;
  readonly stop?: HardStop;
  /** The canary sends without permits. */
  readonly overrun: boolean;
}

const worse = ({ evidence: { e, threshold, offenders } }: Findings): Decision | undefined => {
  const group = evidenceGroups.find((each) => e[each] >= threshold);
  if (group === undefined) return undefined;
  const culprits = new Set(
    offenders
      .filter((offender) => group === 'all' || offender.group === group)
      .map(({ operation }) => operation),
  );
  const [only] = culprits;
  return {
    kind: 'rollback',
    reason: `worse:${group}`,
    ...(culprits.size === 1 && only !== undefined ? { operation: only } : {}),
  };
};

/** What ends a run, or a part of it, at once; whatever else is the case. */
const ending = (findings: Findings): Decision | undefined => {
  const { overrun: isOverrun, stop } = findings;
  if (isOverrun) return { kind: 'rollback', reason: 'quota-overrun' };
  if (stop?.kind === 'disable-endpoint') return stop;
  if (stop?.kind === 'rollback') return { ...stop, reason: 'hard-stop' };
  return worse(findings);
};

/** Calls enough, and as many requests: what the store answered did not try the canary. */
const isTried = ({ plan, state, evidence: { calls } }: Findings): boolean =>
  Math.min(calls.canary, state.stageSent) >= plan.stages[state.stage]!.callsMin;

const isShown = (findings: Findings): boolean => {
  const { plan, state, evidence } = findings;
  const { calls, upperBound } = evidence;
  if (!isTried(findings)) return false;
  if (plan.mode === 'single-arm') return true;
  // With no call of the baseline there was no comparison, not even for the hard stops.
  if (calls.baseline === 0) return false;
  const { worseMax } = plan.stages[state.stage]!;
  return worseMax === undefined || (upperBound !== undefined && upperBound <= worseMax);
};

const forward = ({ plan, state, evidence: { calls, stageMinutes } }: Findings): Decision => {
  const next = plan.stages[state.stage + 1];
  if (!next) return { kind: 'promote' };
  const callsPerMinute = (calls.baseline + calls.canary) / stageMinutes;
  return {
    kind: 'advance',
    stage: state.stage + 1,
    share: plan.mode === 'single-arm' ? next.share : raisedShare(next, callsPerMinute),
  };
};

const openQuestion = (findings: Findings): InconclusiveReason | undefined => {
  const { plan, state, evidence } = findings;
  if (state.asked !== undefined) return state.asked;
  if (state.hold && state.hold.minutes > plan.holdMaxMinutes) return 'held-too-long';
  if (state.armed) return undefined;
  if (state.runMinutes - state.limitsFrom.runMinutes >= plan.inconclusiveAfterMinutes)
    return 'too-long';
  const { dwellMinutes } = plan.stages[state.stage]!;
  const stageMinutes = state.stageMinutes - state.limitsFrom.stageMinutes;
  if (stageMinutes < PATIENCE_IN_DWELLS * dwellMinutes || isShown(findings)) return undefined;
  return !isTried(findings) || evidence.calls.baseline === 0 ? 'too-few-calls' : 'not-shown';
};

/**
 * What rolls back, then what a person must answer, then a hold, then the way forward: so a canary that is worse goes back also during an
 * outage, and nothing advances in one.
 */
export const decide = (findings: Findings): Decision => {
  const { plan, state } = findings;
  const end = ending(findings);
  if (end) return end;
  const question = openQuestion(findings);
  if (question !== undefined) return { kind: 'inconclusive', reason: question };
  if (state.hold) return { kind: 'hold', reason: state.hold.reason };
  if (state.armed)
    return { kind: state.stageMinutes >= plan.armedMinutes ? 'finished' : 'continue' };
  const { dwellMinutes } = plan.stages[state.stage]!;
  if (state.stageMinutes >= dwellMinutes && isShown(findings)) return forward(findings);
  return { kind: 'continue' };
};
