import { describe, expect, it } from '@jest/globals';
import { LastMinute } from './last-minute.ts';

describe('the last minute', () => {
  it('counts what happened in it, and no more', () => {
    const minute = new LastMinute();
    const from = 1_795_000_000_000;
    for (let second = 0; second < 300; second += 1) {
      minute.add(from + second * 1_000);
      expect(minute.sum(from + second * 1_000)).toBe(Math.min(60, second + 1));
    }
    expect(minute.sum(from + 300_000 + 58_000)).toBe(1);
    expect(minute.sum(from + 300_000 + 59_000)).toBe(0);
    expect(minute.sum(from + 900_000)).toBe(0);
  });

  it('stands still when the clock is set back', () => {
    const minute = new LastMinute();
    minute.add(100_000);
    minute.add(50_000);
    expect(minute.sum(50_000)).toBe(2);
  });
});
