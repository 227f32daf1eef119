import type { CallCounts, ErrorGroup, MinuteCounts } from '../ledger/minute-counts.ts';
import { callsOf, totalCalls } from './calls.ts';
import { perGroup, ratios, type Increments } from './clocks.ts';

/** Without another arm to compare with: so many of the calls (of the requests, for 429) may end so, as a share. */
export type Budgets = Readonly<Record<ErrorGroup | 'throttled', number>>;

export const fixedBudgets: Budgets = { auth: 0.001, params: 0.01, server: 0.02, throttled: 0.005 };

const SEEN_MARGIN = 1.5;
const BUDGET_MAX = 0.2;

/**
 * Budgets after a comparison: a vendor that fails more often than the fixed ones allow, with both arms alike, goes on doing so, and that is
 * no reason to go back. `seen` are both arms' calls; an outage among them makes nobody deaf, as no budget grows to more than thrice.
 */
export const budgetsAfter = (seen: CallCounts): Budgets => {
  const calls = Math.max(1, callsOf(seen));
  const grown = (group: ErrorGroup): number =>
    Math.max(fixedBudgets[group], Math.min(BUDGET_MAX, (SEEN_MARGIN * seen[group]) / calls));
  return {
    auth: grown('auth'),
    params: grown('params'),
    server: grown('server'),
    throttled: fixedBudgets.throttled,
  };
};

const bernoulli = (budget: number, happened: number, of: number): readonly number[] =>
  ratios.map((ratio) => {
    // Sixteen times a budget that has grown would be more than all.
    const worse = Math.min(ratio * budget, (1 + budget) / 2);
    return (
      happened * Math.log(worse / budget) + (of - happened) * Math.log((1 - worse) / (1 - budget))
    );
  });

/**
 * What a minute says about an arm that runs alone: each call is a draw with probability p0 = its group's budget if all is well, and
 * p1 = ρ·p0 if not: ℓ = x·ln(p1/p0) + (n − x)·ln((1 − p1)/(1 − p0)). `leftOut` are groups of which this minute says nothing.
 */
export const singleArmIncrements = (
  counts: MinuteCounts,
  budgets: Budgets,
  leftOut: readonly ('server' | 'throttled')[],
): Increments => {
  const calls = totalCalls(counts).canary;
  const { sent, throttled } = counts.requests.canary;
  return perGroup((group) => {
    if (group === 'all' || leftOut.some((each) => each === group)) return ratios.map(() => 0);
    return group === 'throttled'
      ? bernoulli(budgets.throttled, Math.min(throttled, sent), sent)
      : bernoulli(budgets[group], calls[group], callsOf(calls));
  });
};

/** `futures/funding-rate/history` and `futures/funding-rate/oi-weight-history` are one family: they fail together. */
const familyOf = (operation: string): string => operation.split('/').slice(0, 2).join('/');

const FAMILIES_MIN = 4;

/**
 * Whether so many unrelated operations fail in the same minute that the cause is outside: a third of the families, and at least four, with
 * 30 % and more of their calls failed.
 */
export const failTogether = ({ operations }: MinuteCounts): boolean => {
  const families = new Map<string, { calls: number; failed: number }>();
  for (const [operation, { canary }] of Object.entries(operations)) {
    const family = familyOf(operation);
    const { calls, failed } = families.get(family) ?? { calls: 0, failed: 0 };
    families.set(family, { calls: calls + callsOf(canary), failed: failed + canary.server });
  }
  const seen = [...families.values()].filter(({ calls }) => calls > 0);
  const failing = seen.filter(({ calls, failed }) => failed >= 0.3 * calls).length;
  return failing >= Math.max(FAMILIES_MIN, seen.length / 3);
};
