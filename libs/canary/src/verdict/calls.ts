import type { ArmName, PerArm } from '../arm.ts';
import { errorGroups, type CallCounts, type MinuteCounts } from '../ledger/minute-counts.ts';

export const noCalls: CallCounts = { ok: 0, auth: 0, params: 0, server: 0 };

export const errorsOf = ({ auth, params, server }: CallCounts): number => auth + params + server;

export const callsOf = (counts: CallCounts): number => counts.ok + errorsOf(counts);

export const addCalls = (one: CallCounts, other: CallCounts): CallCounts => ({
  ok: one.ok + other.ok,
  auth: one.auth + other.auth,
  params: one.params + other.params,
  server: one.server + other.server,
});

export const perArm = <T>(of: (arm: ArmName) => T): PerArm<T> => ({
  baseline: of('baseline'),
  canary: of('canary'),
});

/** All calls of a minute, whichever operation. */
export const totalCalls = ({ operations }: MinuteCounts): PerArm<CallCounts> =>
  perArm((arm) =>
    Object.values(operations).reduce((sum, counts) => addCalls(sum, counts[arm]), noCalls),
  );

const nothingSent = { permits: 0, sent: 0, throttled: 0 };

/** The same minute with everything in place: an arm of which nobody told has done nothing. Operations in `except` are left out. */
export const completed = (counts: MinuteCounts, except: readonly string[]): MinuteCounts => ({
  ...counts,
  operations: Object.fromEntries(
    Object.entries(counts.operations)
      .filter(([operation]) => !except.includes(operation))
      .map(([operation, arms]) => [
        operation,
        perArm((arm) => ({ ...noCalls, ...(arms as Partial<typeof arms>)[arm] })),
      ]),
  ),
  requests: perArm((arm) => ({
    ...nothingSent,
    ...(counts.requests as Partial<MinuteCounts['requests']>)[arm],
  })),
});

/** Both arms as if they were the canary: where one arm alone is judged, it is whichever is settled. */
export const asOneArm = (counts: MinuteCounts): MinuteCounts => {
  const { baseline, canary } = counts.requests;
  return {
    ...counts,
    operations: Object.fromEntries(
      Object.entries(counts.operations).map(([operation, arms]) => [
        operation,
        { baseline: noCalls, canary: addCalls(arms.baseline, arms.canary) },
      ]),
    ),
    requests: {
      baseline: nothingSent,
      canary: {
        permits: baseline.permits + canary.permits,
        sent: baseline.sent + canary.sent,
        throttled: baseline.throttled + canary.throttled,
      },
    },
    traces: counts.traces.map((trace) => ({ ...trace, arm: 'canary' })),
  };
};

export const isErrorGroup = (group: string): group is (typeof errorGroups)[number] =>
  errorGroups.some((each) => each === group);
