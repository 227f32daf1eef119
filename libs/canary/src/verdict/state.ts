import { startClocks, type Clocks } from './clocks.ts';
import type { CanaryPlan, InconclusiveReason } from './decision.ts';
import type { Hold } from './hold.ts';
import { noRequests, type RequestTally } from './requests.ts';
import { addCalls } from './calls.ts';
import { budgetsAfter, fixedBudgets, type Budgets } from './single-arm.ts';
import { beginStage, stageCalls, type Tally } from './tally.ts';

/** All that a verdict remembers from minute to minute. Plain JSON. */
export interface VerdictState {
  /** Two arms are compared, or one is held to budgets: so also after a promotion. */
  readonly rule: CanaryPlan['mode'];
  /** To which one arm alone is held. */
  readonly budgets: Budgets;
  readonly stage: number;
  /** Promoted, and watched. */
  readonly armed: boolean;
  readonly runMinutes: number;
  /** Without the minutes on hold. */
  readonly stageMinutes: number;
  /** Requests of the canary in those minutes. Calls that the store answered try no client. */
  readonly stageSent: number;
  /** Where `runMinutes` and `stageMinutes` were when somebody last said to go on. */
  readonly limitsFrom: { readonly runMinutes: number; readonly stageMinutes: number };
  readonly clocks: Clocks;
  readonly operations: Tally;
  readonly requests: RequestTally;
  readonly hold?: Hold;
  /** A person was asked, and has not answered. */
  readonly asked?: InconclusiveReason;
  /** Operations that were switched off: what they still do is not judged. */
  readonly disabled: readonly string[];
}

/** A run at its first stage. */
export const beginVerdict = (plan: CanaryPlan): VerdictState => ({
  rule: plan.mode,
  budgets: fixedBudgets,
  stage: 0,
  armed: false,
  runMinutes: 0,
  stageMinutes: 0,
  stageSent: 0,
  limitsFrom: { runMinutes: 0, stageMinutes: 0 },
  clocks: startClocks(),
  operations: {},
  requests: noRequests,
  disabled: [],
});

const atStart = (state: VerdictState): VerdictState => {
  const { hold: _hold, asked: _asked, ...kept } = state;
  return {
    ...kept,
    stageMinutes: 0,
    stageSent: 0,
    limitsFrom: { ...state.limitsFrom, stageMinutes: 0 },
    operations: beginStage(state.operations),
  };
};

/** The share of `stage` is in force from the next minute on. Evidence is kept: it is of the whole run. */
export const enterStage = (state: VerdictState, stage: number): VerdictState => ({
  ...atStart(state),
  stage,
});

/** The canary has all calls from the next minute on, and is held to budgets, as there is nothing left to compare it with. */
export const enterArmed = (state: VerdictState): VerdictState => {
  const armed: VerdictState = { ...atStart(state), armed: true };
  if (state.rule === 'single-arm') return armed;
  const { baseline, canary } = stageCalls(state.operations);
  return {
    ...armed,
    rule: 'single-arm',
    budgets: budgetsAfter(addCalls(baseline, canary)),
    clocks: startClocks(),
  };
};

/** Somebody has answered an inconclusive run with "go on": every limit of time begins anew, evidence and stage stay. */
export const goOn = (state: VerdictState): VerdictState => {
  const { asked: _asked, hold, ...kept } = state;
  return {
    ...kept,
    ...(hold === undefined ? {} : { hold: { ...hold, minutes: 0 } }),
    limitsFrom: { runMinutes: state.runMinutes, stageMinutes: state.stageMinutes },
  };
};
