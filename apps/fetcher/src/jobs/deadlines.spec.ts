import { describe, expect, it } from '@jest/globals';
import { deadlinesOf } from './deadlines.ts';

const now = 1_800_000_000_000;
const minute = 60_000;
const day = 24 * 60 * minute;

describe('a job’s deadlines', () => {
  it('are its own where it has one, in runs of a minute at most', () => {
    expect(deadlinesOf({ deadlineAt: now + 5_000, lane: 'bulk' }, now, now)).toEqual({
      startBy: now + 5_000,
      runUntil: now + 5_000,
    });
    expect(deadlinesOf({ deadlineAt: now + 10 * minute, lane: 'bulk' }, now, now)).toEqual({
      startBy: now + 10 * minute,
      runUntil: now + minute,
    });
  });

  it('lie a day ahead at most, whatever the producer says', () => {
    const far = deadlinesOf({ deadlineAt: Number.MAX_SAFE_INTEGER, lane: 'bulk' }, now, now);
    expect(far.startBy).toBe(now + day);
  });

  it('give a job without one a whole minute once it has begun', () => {
    for (const lane of ['interactive', 'probe', 'bulk'] as const) {
      const begun = deadlinesOf({ deadlineAt: undefined, lane }, now - 59_000, now);
      expect(begun.runUntil).toBe(now + minute);
      expect(begun.startBy).toBeGreaterThan(now);
    }
  });

  it('let nobody begin what no reader waits for any more, while jobs from the shared queue may stand in line', () => {
    const addedAt = now - 2 * minute;
    const startBy = (lane: 'interactive' | 'bulk') =>
      deadlinesOf({ deadlineAt: undefined, lane }, addedAt, now).startBy;
    expect(startBy('interactive')).toBeLessThan(now);
    expect(startBy('bulk')).toBe(addedAt + day);
  });

  it.each([NaN, Infinity, now + day])('take no producer’s clock for granted: %p', (addedAt) => {
    expect(deadlinesOf({ deadlineAt: undefined, lane: 'interactive' }, addedAt, now).startBy).toBe(
      now + minute,
    );
  });
});
