import { describe, expect, it } from '@jest/globals';
import { maxInAlignedWindow, maxInSlidingWindow, useOfLimit } from './testing/arrivals.ts';
import { simulate, type Scenario } from './testing/simulation.ts';

const MINUTE = 60_000;

const house = {
  windowMs: MINUTE,
  leaseMs: 30_000,
  processes: 3,
  storeDelayMaxMs: 20,
} as const;

const worstWindows = (arrivals: readonly number[]) => [
  maxInSlidingWindow(arrivals, MINUTE),
  maxInAlignedWindow(arrivals, MINUTE),
];

describe('arrivals at the vendor, simulated', () => {
  const everythingGoesWrong: Omit<Scenario, 'seed'> = {
    ...house,
    limit: 20,
    durationMs: 15 * MINUTE,
    workers: { interactive: 8, bulk: 8, probe: 1 },
    latencyMaxMs: 5_000,
    storeDelayMaxMs: 1_200,
    crashes: 0.02,
    timeouts: 0.04,
    refusals: 0.04,
    freezes: 0.05,
    throttles: 0.01,
    stateLosses: 0.01,
  };

  it('stay within the limit in any window, sliding or aligned, over crashes, freezes and lost state', async () => {
    let [requests, crashes, stateLosses] = [0, 0, 0];
    for (let seed = 1; seed <= 18; seed += 1) {
      // Every third run has a quick store and few faults: then the limit is under full pressure.
      const calm = seed % 3 === 0 ? { storeDelayMaxMs: 5, crashes: 0.002, stateLosses: 0.004 } : {};
      const outcome = await simulate({ ...everythingGoesWrong, ...calm, seed });
      const [sliding, aligned] = worstWindows(outcome.arrivals);
      expect({ seed, tooMany: sliding! > 20 || aligned! > 20 }).toEqual({ seed, tooMany: false });
      expect({ seed, foreign: outcome.foreignSeen }).toEqual({ seed, foreign: 0 });
      requests += outcome.arrivals.length;
      crashes += outcome.crashes;
      stateLosses += outcome.stateLosses;
    }
    // The seeds must keep meeting what they are for.
    expect(requests).toBeGreaterThan(4_000);
    expect(crashes).toBeGreaterThan(30);
    expect(stateLosses).toBeGreaterThan(15);
  }, 30_000);

  it('use at least 96 % of the limit when there is always somebody who wants it', async () => {
    const limit = 250;
    const { arrivals, storeCalls } = await simulate({
      ...house,
      seed: 7,
      limit,
      durationMs: 6 * MINUTE,
      workers: { interactive: 60, bulk: 60 },
      latencyMaxMs: 3_000,
    });
    // One slot is lent to nobody who has more than their share.
    expect(worstWindows(arrivals)).toEqual([limit - 1, limit - 1]);
    expect(useOfLimit(arrivals, limit, MINUTE)).toBeGreaterThanOrEqual(0.96);
    expect(storeCalls / arrivals.length).toBeLessThanOrEqual(2.2);
  }, 30_000);

  it('of bulk alone use its 90 %, evenly', async () => {
    const limit = 250;
    const { arrivals, storeCalls } = await simulate({
      ...house,
      seed: 7,
      limit,
      durationMs: 4 * MINUTE,
      workers: { bulk: 60 },
      latencyMaxMs: 500,
    });
    const begin = Math.min(...arrivals);
    const perTenSeconds = Array.from({ length: 23 }, (_, n) =>
      arrivals.filter((time) => Math.floor((time - begin) / 10_000) === n),
    ).map((times) => times.length);
    // Evenly is 37.5. The catch-up takes 9 at once, and they are missing when the window comes round.
    expect(Math.max(...perTenSeconds)).toBeLessThanOrEqual(49);
    expect(Math.min(...perTenSeconds)).toBeGreaterThanOrEqual(26);
    expect(maxInSlidingWindow(arrivals, MINUTE)).toBeLessThanOrEqual(225);
    expect(useOfLimit(arrivals, 225, MINUTE)).toBeGreaterThanOrEqual(0.96);
    expect(storeCalls / arrivals.length).toBeLessThanOrEqual(2.2);
  }, 30_000);
});
