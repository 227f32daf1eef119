import { callsOf, errorsOf, perArm } from './calls.ts';
import { stageCalls, type Tally } from './tally.ts';

export interface Bound {
  readonly riskDifference: number;
  readonly upperBound: number;
}

/** One-sided, 95 %. */
const Z = 1.645;

/**
 * How much worse the canary is in this stage, as a share of its calls, and how much worse it may be at most. Mantel and Haenszel's risk
 * difference weighs the operations by how much each can tell, so that an arm that happened to draw the difficult ones is not blamed.
 * Its variance is Greenland and Robins' in large strata. Where nothing failed that variance is 0, as if nothing could: the rule
 * of three, 3/n, says what n calls without an error really exclude.
 * @returns undefined when no operation was called by both arms
 */
export const boundOf = (tally: Tally): Bound | undefined => {
  let difference = 0;
  let weight = 0;
  let variance = 0;
  for (const { stage } of Object.values(tally)) {
    const n = perArm((arm) => callsOf(stage[arm]));
    if (n.baseline === 0 || n.canary === 0) continue;
    const x = perArm((arm) => errorsOf(stage[arm]));
    const all = n.baseline + n.canary;
    difference += (x.canary * n.baseline - x.baseline * n.canary) / all;
    weight += (n.baseline * n.canary) / all;
    variance +=
      (x.canary * (n.canary - x.canary) * n.baseline ** 3 +
        x.baseline * (n.baseline - x.baseline) * n.canary ** 3) /
      (n.baseline * n.canary * all ** 2);
  }
  if (weight === 0) return undefined;
  const riskDifference = difference / weight;
  const error = Math.sqrt(Math.max(0, variance)) / weight;
  const least = 3 / callsOf(stageCalls(tally).canary);
  return { riskDifference, upperBound: Math.max(riskDifference + Z * error, least) };
};
