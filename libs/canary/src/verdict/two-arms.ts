import type { CallCounts, MinuteCounts } from '../ledger/minute-counts.ts';
import { callsOf, errorsOf } from './calls.ts';
import { perGroup, ratios, type Increments } from './clocks.ts';
import type { EvidenceGroup } from './decision.ts';

const errorsIn = (counts: CallCounts, group: EvidenceGroup): number =>
  group === 'all' ? errorsOf(counts) : group === 'throttled' ? 0 : counts[group];

/**
 * What a minute says about the canary beside the baseline. A stratum is an operation in a minute, and only what happened within one is
 * compared: a vendor that fails on one route, or in one minute, fails for both arms there, and is worth nothing.
 *
 * Given π, the share of a stratum's calls that were the canary's, an error there is the canary's with probability p0 = π if it is no worse,
 * and with p1 = ρπ / (ρπ + 1 − π) if its odds are ρ times as high. Of k errors x were the canary's, so
 * ℓ = x·ln(p1/p0) + (k − x)·ln((1 − p1)/(1 − p0)) = x·ln ρ − k·ln(ρπ + 1 − π).
 * A stratum with calls of one arm only has nothing to compare, and adds exactly 0. Throttled requests are not judged here: the key is
 * shared, so a 429 does not hit who caused it.
 */
export const twoArmIncrements = (operations: MinuteCounts['operations']): Increments => {
  const increments = perGroup(() => ratios.map(() => 0));
  for (const { baseline, canary } of Object.values(operations)) {
    const calls = { baseline: callsOf(baseline), canary: callsOf(canary) };
    if (calls.baseline === 0 || calls.canary === 0) continue;
    const exposed = calls.canary / (calls.canary + calls.baseline);
    const lnOdds = ratios.map((ratio) => Math.log(ratio * exposed + 1 - exposed));
    for (const group of ['auth', 'params', 'server', 'all'] as const) {
      const ofCanary = errorsIn(canary, group);
      const errors = ofCanary + errorsIn(baseline, group);
      if (errors === 0) continue;
      const sums = increments[group];
      for (const [guess, ratio] of ratios.entries())
        sums[guess] = sums[guess]! + ofCanary * Math.log(ratio) - errors * lnOdds[guess]!;
    }
  }
  return increments;
};
