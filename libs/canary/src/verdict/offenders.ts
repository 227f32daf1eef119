import { errorGroups } from '../ledger/minute-counts.ts';
import { callsOf, perArm } from './calls.ts';
import type { Evidence } from './decision.ts';
import type { Tally } from './tally.ts';

const OFFENDERS_MAX = 5;

/** What the canary failed on most in this run. */
export const offendersOf = (tally: Tally): Evidence['offenders'] =>
  Object.entries(tally)
    .flatMap(([operation, { run, traces }]) =>
      errorGroups
        .filter((group) => run.canary[group] > 0)
        .map((group) => {
          const traceId = traces[group];
          return {
            operation,
            group,
            errors: perArm((arm) => run[arm][group]),
            calls: perArm((arm) => callsOf(run[arm])),
            ...(traceId === undefined ? {} : { traceId }),
          };
        }),
    )
    .sort(
      (one, other) =>
        other.errors.canary - one.errors.canary || (one.operation < other.operation ? -1 : 1),
    )
    .slice(0, OFFENDERS_MAX);
