import type { MinuteCounts } from '../ledger/minute-counts.ts';
import { boundOf } from './bound.ts';
import { asOneArm, callsOf, completed, perArm, totalCalls } from './calls.ts';
import { evidenceIn, perGroup, runClocks, thresholdAt, type Increments } from './clocks.ts';
import { decide } from './decide.ts';
import type { CanaryPlan, Decision, Evidence, HoldReason } from './decision.ts';
import { hardStop, type HardStop } from './hard-stop.ts';
import { nextHold } from './hold.ts';
import { offendersOf } from './offenders.ts';
import { overrun, tallyRequests, throttledBy } from './requests.ts';
import { failTogether, singleArmIncrements } from './single-arm.ts';
import type { VerdictState } from './state.ts';
import { addToStage, addToTally, stageCalls, type Tally } from './tally.ts';
import { twoArmIncrements } from './two-arms.ts';

export interface Judgement {
  readonly state: VerdictState;
  readonly decision: Decision;
  readonly evidence: Evidence;
}

const BASELINE_FAILED_MAX = 0.2;
const BASELINE_CALLS_MIN = 10;

/** The vendor is unwell, by the word of the arm that is known to be well; or of too many unrelated operations, where there is one arm. */
const vendorTrouble = (rule: VerdictState['rule'], counts: MinuteCounts): boolean => {
  if (rule === 'single-arm') return failTogether(counts);
  const { baseline } = totalCalls(counts);
  const calls = callsOf(baseline);
  return calls >= BASELINE_CALLS_MIN && baseline.server > BASELINE_FAILED_MAX * calls;
};

/**
 * The baseline is refused by and large: its key, or the vendor. Looked at over all operations, as a refused key is remembered for a while and
 * asked with on few of them.
 */
const refusesBaseline = (counts: MinuteCounts): boolean => {
  const { baseline } = totalCalls(counts);
  return baseline.auth > callsOf(baseline) / 2;
};

const stopOf = (
  { mayDisable }: CanaryPlan,
  { rule }: VerdictState,
  operations: Tally,
  minute: MinuteCounts,
): HardStop | undefined => {
  if (rule === 'single-arm') return undefined;
  return refusesBaseline(minute) ? { kind: 'both-refused' } : hardStop(operations, mayDisable);
};

/** No call ended, or the vendor was asked nothing: answers of the store say nothing of a client. */
const isEmpty = (counts: MinuteCounts): boolean => {
  const { baseline, canary } = totalCalls(counts);
  const { requests } = counts;
  return (
    callsOf(baseline) + callsOf(canary) === 0 || requests.baseline.sent + requests.canary.sent === 0
  );
};

/** Refusals where the endpoint would be switched off: the hard stop alone judges them, lest they send the whole canary back. */
const withoutRefusalsOf = (mayDisable: readonly string[], counts: MinuteCounts): MinuteCounts => ({
  ...counts,
  operations: Object.fromEntries(
    Object.entries(counts.operations).map(([operation, arms]) => [
      operation,
      mayDisable.includes(operation) ? perArm((arm) => ({ ...arms[arm], auth: 0 })) : arms,
    ]),
  ),
});

const holdCause = (
  state: VerdictState,
  counts: MinuteCounts,
  requests: VerdictState['requests'],
  stop: HardStop | undefined,
): HoldReason | undefined => {
  const throttled = throttledBy(state.requests, requests, counts);
  if (throttled !== undefined) return throttled;
  if (stop?.kind === 'both-refused') return 'both-arms-refused';
  if (vendorTrouble(state.rule, counts)) return 'vendor-trouble';
  return isEmpty(counts) ? 'no-data' : undefined;
};

const incrementsOf = (
  { rule, budgets }: VerdictState,
  counts: MinuteCounts,
  cause: HoldReason | undefined,
): Increments => {
  if (rule === 'two-arm') return twoArmIncrements(counts.operations);
  return singleArmIncrements(counts, budgets, [
    ...(failTogether(counts) ? (['server'] as const) : []),
    ...(cause === 'quota:foreign' ? (['throttled'] as const) : []),
  ]);
};

const remembering = (state: VerdictState, decision: Decision): VerdictState => {
  if (decision.kind === 'inconclusive') return { ...state, asked: decision.reason };
  if (decision.kind !== 'disable-endpoint') return state;
  const { [decision.operation]: _operation, ...operations } = state.operations;
  return { ...state, operations, disabled: [...state.disabled, decision.operation] };
};

const evidenceOf = (plan: CanaryPlan, state: VerdictState, minute: MinuteCounts): Evidence => {
  const calls = stageCalls(state.operations);
  const { used } = minute.vendor;
  const { limitInForce } = minute;
  return {
    stage: state.armed ? plan.stages.length : state.stage,
    stageMinutes: state.stageMinutes,
    runMinutes: state.runMinutes,
    calls: perArm((arm) => callsOf(calls[arm])),
    e: perGroup((group) => evidenceIn(state.clocks, group)),
    threshold: thresholdAt(plan.alpha),
    ...boundOf(state.operations),
    requests: minute.requests,
    ...(used === undefined ? {} : { vendorUsed: used }),
    ...(limitInForce === undefined ? {} : { limitInForce }),
    offenders: offendersOf(state.operations),
  };
};

/**
 * One minute more. Gives what is to be done and the figures behind it, and changes nothing: a run that is advised to advance or to promote
 * enters the next stage by `enterStage` or `enterArmed`, whenever whoever leads it does so; until then the advice is repeated.
 *
 * A minute without calls, or without requests, holds: no data is never a pass.
 * @param counts of a whole minute, also when it is empty. Arms and operations may be missing.
 */
export const judge = (plan: CanaryPlan, state: VerdictState, counts: MinuteCounts): Judgement => {
  const told = completed(counts, state.disabled);
  const minute = state.rule === 'single-arm' ? asOneArm(told) : told;
  const requests = tallyRequests(state.requests, minute);
  const tally = addToTally(state.operations, minute);
  const stop = stopOf(plan, state, tally, minute);
  const cause = holdCause(state, minute, requests, stop);
  const hold = nextHold(state.hold, cause);
  const scored = withoutRefusalsOf(plan.mayDisable, minute);
  const clocks = runClocks(state.clocks, incrementsOf(state, scored, cause));

  const { hold: _hold, ...before } = state;
  const after: VerdictState = {
    ...before,
    runMinutes: state.runMinutes + 1,
    stageMinutes: state.stageMinutes + (hold ? 0 : 1),
    stageSent: state.stageSent + (hold ? 0 : minute.requests.canary.sent),
    clocks,
    // An outage that both arms shared would only blur how they differ.
    operations: hold ? tally : addToStage(tally, minute),
    requests,
    ...(hold === undefined ? {} : { hold }),
  };
  const evidence = evidenceOf(plan, after, minute);
  const decision = decide({
    plan,
    state: after,
    evidence,
    overrun: overrun(state.requests, requests, minute),
    ...(stop === undefined ? {} : { stop }),
  });
  return { state: remembering(after, decision), decision, evidence };
};
