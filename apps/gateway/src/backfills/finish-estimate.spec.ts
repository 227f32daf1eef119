import { describe, expect, it } from '@jest/globals';
import { durationOf, requestsUntilDone } from './finish-estimate.ts';

const nobody = { own: [], others: [], jobs: 0 };
const lane = { limit: 250, windowMs: 60_000 };

describe('the estimate of a finish', () => {
  it('is the lane’s pace after what an idle lane lets go at once', () => {
    expect(durationOf(1, 1, nobody, lane)).toBe(500);
    expect(durationOf(236, 1, nobody, lane)).toBe(60_500);
    expect(durationOf(236, 1, { ...nobody, jobs: 1_000 }, lane)).toBeGreaterThan(120_000);
  });

  it('waits for as much of others as their share beside ours, and no more', () => {
    expect(requestsUntilDone(10, 1, { ...nobody, others: [{ requests: 500, weight: 1 }] })).toBe(
      20,
    );
    expect(requestsUntilDone(10, 1, { ...nobody, others: [{ requests: 500, weight: 3 }] })).toBe(
      40,
    );
    expect(requestsUntilDone(10, 3, { ...nobody, others: [{ requests: 500, weight: 1 }] })).toBe(
      14,
    );
    expect(requestsUntilDone(10, 1, { ...nobody, others: [{ requests: 4, weight: 1 }] })).toBe(14);
    expect(requestsUntilDone(10, 1, { ...nobody, own: [3, 100] })).toBe(23);
  });
});
