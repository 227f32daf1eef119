import { describe, expect, it } from '@jest/globals';
import { intervalMs } from './boundaries.ts';
import { coarser, intervals, isFiner, isInterval } from './ladder.ts';

describe('the ladder', () => {
  it('goes up rung by rung and ends', () => {
    const climbed = [];
    for (let rung = coarser('1h'); rung !== undefined; rung = coarser(rung)) climbed.push(rung);
    expect(climbed).toEqual(['4h', '6h', '8h', '12h', '1d', '1w']);
  });

  it('passes over what is not accepted', () => {
    expect(coarser('1h', ['5m', '1h', '1d'])).toBe('1d');
    expect(coarser('15m', ['5m', '1h', '1d'])).toBe('1h');
    expect(coarser('1d', ['5m', '1h', '1d'])).toBeUndefined();
    expect(coarser('1h', [])).toBeUndefined();
  });

  it('has every rung longer than the one before', () => {
    const lengths = intervals.map((interval) => intervalMs[interval]);
    expect(lengths).toEqual([...lengths].sort((a, b) => a - b));
    expect(new Set(lengths).size).toBe(intervals.length);
    expect(isFiner('1h', '4h')).toBe(true);
    expect(isFiner('4h', '4h')).toBe(false);
  });

  it.each(['2h', '', '1H', 'h1', 'toString', undefined, 1])('does not know %j', (text) => {
    expect(isInterval(text)).toBe(false);
  });
});
