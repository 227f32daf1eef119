import type { PerArm } from '../arm.ts';
import type { CallCounts, ErrorGroup, MinuteCounts } from '../ledger/minute-counts.ts';
import { addCalls, isErrorGroup, noCalls, perArm } from './calls.ts';

/** What is remembered of one operation. */
export interface OperationTally {
  readonly run: PerArm<CallCounts>;
  /** Without the minutes on hold. */
  readonly stage: PerArm<CallCounts>;
  /** Calls refused (401, 403, 404) since the arm's last minute with a success there. */
  readonly refused: PerArm<number>;
  /** Successes of the baseline since the last minute in which the canary was refused, that minute included. */
  readonly baselineOk: number;
  /** The last call of the canary that ended so. */
  readonly traces: Readonly<Partial<Record<ErrorGroup, string>>>;
}

export type Tally = Readonly<Record<string, OperationTally>>;

const noCallsYet: PerArm<CallCounts> = { baseline: noCalls, canary: noCalls };
const untouched: OperationTally = {
  run: noCallsYet,
  stage: noCallsYet,
  refused: { baseline: 0, canary: 0 },
  baselineOk: 0,
  traces: {},
};

const addMinute = (before: OperationTally, minute: PerArm<CallCounts>): OperationTally => {
  const refused = perArm((arm) =>
    minute[arm].ok > 0 ? 0 : before.refused[arm] + minute[arm].auth,
  );
  return {
    run: perArm((arm) => addCalls(before.run[arm], minute[arm])),
    stage: before.stage,
    refused,
    baselineOk: (minute.canary.auth > 0 ? 0 : before.baselineOk) + minute.baseline.ok,
    traces: before.traces,
  };
};

/** Operations are named by others: `toString` may be one, and no object has it then. */
const known = (tally: Tally, operation: string): OperationTally | undefined =>
  Object.hasOwn(tally, operation) ? tally[operation] : undefined;

export const addToTally = (tally: Tally, { operations, traces }: MinuteCounts): Tally => {
  const added: Record<string, OperationTally> = { ...tally };
  for (const [operation, minute] of Object.entries(operations))
    added[operation] = addMinute(known(tally, operation) ?? untouched, minute);
  for (const { operation, arm, group, traceId } of traces) {
    const of = known(added, operation);
    if (of && arm === 'canary' && isErrorGroup(group))
      added[operation] = { ...of, traces: { ...of.traces, [group]: traceId } };
  }
  return added;
};

/** What a stage is passed by: calls of minutes in which its clock ran. */
export const addToStage = (tally: Tally, { operations }: MinuteCounts): Tally => ({
  ...tally,
  ...Object.fromEntries(
    Object.entries(operations).map(([operation, minute]) => {
      const of = known(tally, operation) ?? untouched;
      return [operation, { ...of, stage: perArm((arm) => addCalls(of.stage[arm], minute[arm])) }];
    }),
  ),
});

/** A new stage compares its own calls only: at another share the mixture of operations may be another. */
export const beginStage = (tally: Tally): Tally =>
  Object.fromEntries(
    Object.entries(tally).map(([operation, of]) => [operation, { ...of, stage: noCallsYet }]),
  );

/** Calls of the stage, whichever operation. */
export const stageCalls = (tally: Tally): PerArm<CallCounts> =>
  perArm((arm) =>
    Object.values(tally).reduce((sum, { stage }) => addCalls(sum, stage[arm]), noCalls),
  );
