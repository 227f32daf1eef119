import { errorGroups, type MinuteCounts, type PerArm } from '@glasshouse/canary';

/** Rules that are often used instead, on the same minutes. */
export interface Naive {
  see(minute: MinuteCounts): void;
  readonly rolledBack: { readonly threshold: boolean; readonly zTest: boolean };
}

const CHECKS_FAILED_MAX = 5;
const SERVER_ERRORS_MAX = 0.01;
const Z_ONE_SIDED = 1.645;
const CALLS_MIN = 30;

/**
 * `threshold`: as Flagger does it, a check of each minute that fails when more than 1 % of the canary's calls ended as 5xx; five failed ones
 * roll back. `zTest`: all calls so far of both arms, pooled, one-sided at 5 %, looked at every minute.
 */
export const watchNaively = (): Naive => {
  let failedChecks = 0;
  const calls = { baseline: 0, canary: 0 };
  const errors = { baseline: 0, canary: 0 };
  const rolledBack = { threshold: false, zTest: false };

  const zTest = (n: PerArm<number>, x: PerArm<number>): boolean => {
    if (n.canary < CALLS_MIN || n.baseline < CALLS_MIN) return false;
    const pooled = (x.canary + x.baseline) / (n.canary + n.baseline);
    const error = Math.sqrt(pooled * (1 - pooled) * (1 / n.canary + 1 / n.baseline));
    return error > 0 && (x.canary / n.canary - x.baseline / n.baseline) / error > Z_ONE_SIDED;
  };

  return {
    rolledBack,
    see: ({ operations }) => {
      const minute = { calls: 0, server: 0 };
      for (const arms of Object.values(operations))
        for (const arm of ['baseline', 'canary'] as const) {
          const failed = errorGroups.reduce((sum, group) => sum + arms[arm][group], 0);
          calls[arm] += arms[arm].ok + failed;
          errors[arm] += failed;
          if (arm === 'baseline') continue;
          minute.calls += arms.canary.ok + failed;
          minute.server += arms.canary.server;
        }
      if (minute.server > SERVER_ERRORS_MAX * minute.calls) failedChecks++;
      rolledBack.threshold ||= failedChecks >= CHECKS_FAILED_MAX;
      rolledBack.zTest ||= zTest(calls, errors);
    },
  };
};
