import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { intervals } from '../intervals/ladder.ts';
import { catalogue, endpoints, type EndpointId } from './catalogue.ts';
import { freshness } from './freshness.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
/** A Sunday, 10:30:15. */
const fetchedAt = Date.UTC(2026, 10, 1, 10, 30, 15);
const funding = catalogue['futures/funding-rate/history'];

const lasting = (params: Record<string, string>, empty = false, id?: EndpointId) => {
  const endpoint = id === undefined ? funding : catalogue[id];
  const { freshUntil, staleUntil } = freshness(endpoint, params, fetchedAt, { empty });
  return { freshMs: freshUntil - fetchedAt, staleMs: staleUntil - fetchedAt };
};
const time = (...date: [number, number, number, number?, number?]) => String(Date.UTC(...date));

describe('freshness', () => {
  it.each<[EndpointId, number, number]>([
    ['futures/supported-exchange-pairs', minute, day],
    ['spot/supported-exchange-pairs', minute, day],
    ['etf/bitcoin/flow-history', 10 * minute, 2 * day],
    ['etf/bitcoin/list', 10 * minute, 2 * day],
    ['hyperliquid/position', 10 * second, minute],
    ['futures/liquidation/heatmap/model1', 10 * second, minute],
  ])('of %s is fixed', (id, freshMs, staleMs) => {
    expect(lasting({}, false, id)).toEqual({ freshMs, staleMs });
  });

  it.each([
    ['1m', 45 * second, 15 * minute],
    ['5m', minute, 15 * minute],
    ['30m', minute, 15 * minute],
    ['1h', minute, 6 * hour],
    ['12h', minute, 6 * hour],
    ['1d', minute, 2 * day],
    ['1w', minute, 2 * day],
  ])('of open %s candles ends with the candle, or after a minute', (interval, freshMs, staleMs) => {
    expect(lasting({ interval, limit: '1000' })).toEqual({ freshMs, staleMs });
  });

  it.each<[string, Record<string, string>]>([
    ['an end', { interval: '1h', end_time: time(2026, 10, 1, 10) }],
    ['an end off the opening', { interval: '1h', end_time: time(2026, 10, 1, 9, 30) }],
    ['a start and a limit', { interval: '1h', limit: '10', start_time: time(2026, 10, 1) }],
    [
      'a start off the opening',
      { interval: '1h', limit: '9', start_time: time(2026, 10, 1, 0, 30) },
    ],
    ['a week long gone', { interval: '1w', end_time: time(2026, 9, 20) }],
  ])('of closed candles, told by %s, lasts a week', (_how, params) => {
    expect(lasting({ limit: '1000', ...params })).toEqual({ freshMs: 7 * day, staleMs: 7 * day });
  });

  it.each<[string, Record<string, string>]>([
    ['its last candle runs', { interval: '1h', end_time: time(2026, 10, 1, 11) }],
    ['its last candle runs past the end', { interval: '1h', end_time: time(2026, 10, 1, 10, 1) }],
    ['its end is to come', { interval: '1h', end_time: time(2027, 0, 1) }],
    ['it reaches past now', { interval: '1h', limit: '11', start_time: time(2026, 10, 1) }],
    ['it closed within the minute', { interval: '15m', end_time: time(2026, 10, 1, 10, 30) }],
    ['its week may still run', { interval: '1w', end_time: time(2026, 9, 26) }],
  ])('of a range is that of an open one when %s', (_why, params) => {
    expect(lasting({ limit: '1000', ...params }).freshMs).toBeLessThanOrEqual(minute);
  });

  it('of an empty answer is 15 s, however old its range', () => {
    const closed = { interval: '1h', end_time: time(2026, 9, 1) };
    expect(lasting(closed, true)).toEqual({ freshMs: 15 * second, staleMs: 6 * hour });
    expect(lasting({}, true, 'hyperliquid/position')).toEqual({
      freshMs: 10 * second,
      staleMs: minute,
    });
    expect(lasting({}, true, 'futures/supported-exchange-pairs').freshMs).toBe(15 * second);
  });

  it('never ends before the answer, never after its staleness, never with an open candle kept', () => {
    const params = fc.record(
      {
        interval: fc.constantFrom(...intervals),
        limit: fc.integer({ min: 1, max: 1000 }).map(String),
        start_time: fc.integer({ min: fetchedAt - 400 * day, max: fetchedAt }).map(String),
        end_time: fc.integer({ min: fetchedAt - 400 * day, max: fetchedAt + day }).map(String),
      },
      { requiredKeys: ['interval', 'limit'] },
    );
    fc.assert(
      fc.property(fc.constantFrom(...endpoints), params, fc.boolean(), (endpoint, asked, empty) => {
        const { freshUntil, staleUntil } = freshness(endpoint, asked, fetchedAt, { empty });
        expect(freshUntil).toBeGreaterThan(fetchedAt);
        expect(staleUntil).toBeGreaterThanOrEqual(freshUntil);
        if (freshUntil > fetchedAt + 10 * minute) {
          expect(Number(asked.end_time ?? asked.start_time)).toBeLessThan(fetchedAt);
          expect(empty).toBe(false);
        }
      }),
    );
  });
});
