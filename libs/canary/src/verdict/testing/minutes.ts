import type { PerArm } from '../../arm.ts';
import type { CallCounts, MinuteCounts, RequestLedger } from '../../ledger/minute-counts.ts';
import { callsOf, noCalls } from '../calls.ts';
import type { CanaryPlan } from '../decision.ts';
import { judge, type Judgement } from '../judge.ts';
import { defaultPlan } from '../plan.ts';
import type { VerdictState } from '../state.ts';

export const operation = 'futures/funding-rate/history';
const noRequests: RequestLedger = { permits: 0, sent: 0, throttled: 0 };

/** How calls of an arm ended in a minute; the rest of `CallCounts` is 0. */
export type Calls = Partial<CallCounts>;

const onePerCall = (calls: CallCounts): RequestLedger => ({
  permits: callsOf(calls),
  sent: callsOf(calls),
  throttled: 0,
});

/** A minute in which both arms did this on one operation, with a request for each call, and paid for it. */
export const minuteOf = (
  baseline: Calls,
  canary: Calls,
  more: Partial<MinuteCounts> = {},
): MinuteCounts => {
  const calls = { baseline: { ...noCalls, ...baseline }, canary: { ...noCalls, ...canary } };
  return {
    at: 0,
    operations: { [operation]: calls },
    requests: { baseline: onePerCall(calls.baseline), canary: onePerCall(calls.canary) },
    vendor: {},
    traces: [],
    ...more,
  };
};

export const requestsOf = (
  baseline: Partial<RequestLedger>,
  canary: Partial<RequestLedger>,
): PerArm<RequestLedger> => ({
  baseline: { ...noRequests, ...baseline },
  canary: { ...noRequests, ...canary },
});

/** Two stages, short and small. */
export const shortPlan: CanaryPlan = {
  ...defaultPlan('two-arm'),
  stages: [
    { name: 'first', share: 10, dwellMinutes: 3, callsMin: 30 },
    { name: 'second', share: 50, dwellMinutes: 5, callsMin: 100, worseMax: 0.05 },
  ],
};

/** The same minute several times; gives all that was judged. */
export const judgeAll = (
  plan: CanaryPlan,
  begin: VerdictState,
  minutes: readonly MinuteCounts[],
): readonly Judgement[] => {
  let state = begin;
  return minutes.map((minute) => {
    const judged = judge(plan, state, minute);
    state = judged.state;
    return judged;
  });
};

export const times = <T>(count: number, value: T): readonly T[] =>
  Array.from({ length: count }, () => value);
