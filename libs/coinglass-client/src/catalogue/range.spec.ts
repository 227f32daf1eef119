import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isFailure, type FieldError } from '../failures.ts';
import { intervalMs } from '../intervals/boundaries.ts';
import { intervals } from '../intervals/ladder.ts';
import { alignRange, checkRange, withInterval, type Range } from './range.ts';

const hour = 3_600_000;
const now = Date.UTC(2026, 10, 1, 10, 30);
const at = (...date: [number, number, number, number?, number?, number?, number?]) =>
  String(Date.UTC(...date));

const errorOf = (range: Range): FieldError | undefined => {
  try {
    checkRange(range, now);
    return undefined;
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    expect(thrown.kind).toBe('invalid-request');
    return thrown.errors?.[0];
  }
};

describe('a range', () => {
  it.each<[string, Range]>([
    ['nothing given', { interval: '1h' }],
    ['a start', { interval: '1h', limit: '10', start_time: at(2026, 9, 1) }],
    ['an end, be it in the future', { interval: '1h', end_time: at(2027, 0, 1) }],
    [
      'exactly as many candles as fit',
      {
        interval: '1h',
        limit: '1000',
        start_time: at(2026, 0, 1),
        end_time: String(Date.UTC(2026, 0, 1) + 1000 * hour),
      },
    ],
    [
      'a week somewhere',
      {
        interval: '1w',
        start_time: at(2026, 0, 1, 1),
        end_time: at(2026, 0, 8, 1),
      },
    ],
  ])('may be %s', (_what, range) => {
    expect(errorOf(range)).toBeUndefined();
  });

  it.each<[string, Range, string, RegExp]>([
    ['seconds', { start_time: '1700000000' }, 'start_time', /13 digits.*seconds: append 000/],
    ['a date', { end_time: '2026-01-01' }, 'end_time', /epoch milliseconds, 13 digits/],
    ['before 2010', { start_time: at(2009, 11, 31) }, 'start_time', /2010-01-01/],
    ['a future start', { start_time: String(now + 1) }, 'start_time', /future/],
    [
      'reversed',
      { start_time: at(2026, 1, 2), end_time: at(2026, 1, 1) },
      'end_time',
      /after start_time/,
    ],
    [
      'empty',
      { start_time: at(2026, 1, 1), end_time: at(2026, 1, 1) },
      'end_time',
      /after start_time/,
    ],
    [
      'between two openings',
      { interval: '1h', start_time: at(2026, 1, 1, 10, 1), end_time: at(2026, 1, 1, 10, 59) },
      'end_time',
      /no 1h candle opens.*1769943600000/,
    ],
    [
      'too long',
      {
        interval: '1h',
        limit: '1000',
        start_time: at(2026, 0, 1),
        end_time: String(Date.UTC(2026, 0, 1) + 1001 * hour),
      },
      'end_time',
      /holds 1001 candles of 1h, one request at most 1000: a span of 3600000000 ms, so end_time at most 1770825600000; ask in several requests, or with a coarser interval such as 4h/,
    ],
    [
      'longer than its limit',
      {
        interval: '1d',
        limit: '10',
        start_time: at(2026, 0, 1),
        end_time: at(2026, 0, 31),
      },
      'end_time',
      /holds 30 candles of 1d, one request at most 10.*limit=30/,
    ],
  ])('may not be %s', (_what, range, field, message) => {
    const error = errorOf(range);
    expect(error?.field).toBe(field);
    expect(error?.message).toMatch(message);
  });
});

describe('an aligned range', () => {
  it.each([
    ['5m', at(2026, 0, 1, 10, 2), at(2026, 0, 1, 10, 5)],
    ['1h', at(2026, 0, 1, 10, 0), at(2026, 0, 1, 10, 0)],
    ['1h', at(2026, 0, 1, 10, 0, 0, 999), at(2026, 0, 1, 10, 0)],
    ['1h', at(2026, 0, 1, 10, 0, 1), at(2026, 0, 1, 11, 0)],
    ['4h', at(2026, 0, 1, 10, 0), at(2026, 0, 1, 12, 0)],
    ['1d', at(2026, 0, 1, 10, 0), at(2026, 0, 2)],
    ['1w', at(2026, 0, 1, 10, 0, 7, 5), at(2026, 0, 1, 10, 0, 7)],
  ])('moves a %s range from %s to %s', (interval, given, opening) => {
    expect(alignRange({ interval, start_time: given, end_time: given })).toEqual({
      interval,
      start_time: opening,
      end_time: opening,
    });
  });

  it('makes one question of all that ask for the same candles', () => {
    const moment = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2026, 0, 1) });
    const interval = fc.constantFrom(...intervals.filter((each) => each !== '1w'));
    fc.assert(
      fc.property(interval, moment, moment, (each, one, other) => {
        const ask = (ms: number) => alignRange({ interval: each, start_time: String(ms) });
        const opening = Number(ask(one).start_time);
        expect(opening % intervalMs[each]).toBe(0);
        expect(opening).toBeGreaterThanOrEqual(Math.floor(one / 1000) * 1000);
        expect(opening - one).toBeLessThan(intervalMs[each]);
        if (other <= opening && other >= one) expect(ask(other)).toEqual(ask(one));
        expect(alignRange(ask(one))).toEqual(ask(one));
      }),
    );
  });

  it('leaves params without a range as they are', () => {
    const params = { interval: '1h', limit: '10', symbol: 'BTC' };
    expect(alignRange(params)).toEqual(params);
  });
});

describe('the same question at another interval', () => {
  it('keeps its span at the new openings', () => {
    expect(
      withInterval(
        { interval: '1h', start_time: at(2026, 0, 1, 1), end_time: at(2026, 0, 2) },
        '4h',
      ),
    ).toEqual({ interval: '4h', start_time: at(2026, 0, 1, 4), end_time: at(2026, 0, 2) });
  });

  it('keeps its ends as they are when no opening lies between them', () => {
    const range = { start_time: at(2026, 0, 1, 1), end_time: at(2026, 0, 1, 2) };
    expect(withInterval({ interval: '1h', ...range }, '4h')).toEqual({ interval: '4h', ...range });
  });
});
