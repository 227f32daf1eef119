import { describe, expect, it } from '@jest/globals';
import { openingAtOrAfter, runningCandleCloses } from './boundaries.ts';

describe('candle boundaries', () => {
  const at = (hours: number, minutes = 0) => Date.UTC(2026, 4, 5, hours, minutes);

  it('lie at UTC multiples of the length', () => {
    expect(openingAtOrAfter(at(9, 1), '4h')).toBe(at(12));
    expect(openingAtOrAfter(at(12), '4h')).toBe(at(12));
    expect(openingAtOrAfter(at(1), '1d')).toBe(at(24));
    expect(runningCandleCloses(at(9, 1), '4h')).toBe(at(12));
    expect(runningCandleCloses(at(12), '4h')).toBe(at(16));
  });

  it('are not guessed for weeks', () => {
    expect(openingAtOrAfter(at(9, 1), '1w')).toBe(at(9, 1));
    expect(runningCandleCloses(at(9, 1), '1w')).toBeUndefined();
  });
});
