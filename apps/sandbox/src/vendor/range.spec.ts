import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { answer } from './answer.ts';
import { intervalMs, intervals, type Interval, type Plan } from './plans.ts';
import { alignUp, openTimes } from './range.ts';

const hour = 3_600_000;
const day = 24 * hour;
const now = Date.parse('2026-11-23T07:08:09.123Z');

const ask = (over: Partial<Parameters<typeof openTimes>[0]>, earliestMs = 0) =>
  openTimes({ interval: '1h', limit: 1000, ...over }, { now, earliestMs });

describe('the range of a history', () => {
  it('is the newest candles when nothing is given, the unfinished one last', () => {
    const times = ask({ limit: 3 });
    const newest = Date.parse('2026-11-23T07:00:00Z');
    expect(times).toEqual([newest - 2 * hour, newest - hour, newest]);
  });

  it('includes its start and excludes its end', () => {
    const startMs = Date.parse('2026-11-20T00:00:00Z');
    expect(ask({ startMs, endMs: startMs + 3 * hour })).toEqual([
      startMs,
      startMs + hour,
      startMs + 2 * hour,
    ]);
  });

  it('moves an unaligned start up and cuts what is below a second', () => {
    const boundary = Date.parse('2026-11-20T04:00:00Z');
    expect(ask({ interval: '4h', startMs: boundary - 3 * hour, limit: 1 })).toEqual([boundary]);
    expect(ask({ startMs: boundary + 999, limit: 1 })).toEqual([boundary]);
    expect(ask({ startMs: boundary + 1000, limit: 1 })).toEqual([boundary + hour]);
  });

  it('counts from the start when one is given, and back from the end when only that is', () => {
    const startMs = Date.parse('2026-10-01T00:00:00Z');
    expect(ask({ startMs, limit: 2 })).toEqual([startMs, startMs + hour]);
    expect(ask({ endMs: startMs, limit: 2 })).toEqual([startMs - 2 * hour, startMs - hour]);
  });

  it('takes an end in the future for now, and a start in the future for nothing', () => {
    expect(ask({ endMs: now + 10 * day, limit: 2 })).toEqual(ask({ limit: 2 }));
    expect(ask({ startMs: now + day })).toEqual([]);
    expect(ask({ startMs: now - day, endMs: now - 2 * day })).toEqual([]);
  });

  it('begins weeks on Monday', () => {
    expect(new Date(alignUp(now, '1w')).toISOString()).toBe('2026-11-30T00:00:00.000Z');
  });

  it.each<[Plan, Interval, number]>([
    ['standard', '1m', 6],
    ['professional', '1m', 12],
    ['standard', '1h', 360],
    ['startup', '30m', 90],
    ['hobbyist', '4h', 180],
  ])('is clamped without a word to what %s sees at %s: %d days', (plan, interval, days) => {
    const params = {
      exchange: 'OKX',
      symbol: 'BTC-USDT-SWAP',
      interval,
      start_time: '1',
      limit: '1',
    };
    const path = '/api/futures/funding-rate/history';
    const { body } = answer({ method: 'GET', path, params, key: 'accepted', plan, now });
    expect(body.code).toBe('0');
    expect((body.data as { time: number }[])[0]?.time).toBe(alignUp(now - days * day, interval));
  });

  it('reaches back to the first listing for daily candles, on every plan', () => {
    const params = { symbol: 'BTC', interval: '1d', start_time: '1', limit: '1' };
    const path = '/api/futures/funding-rate/oi-weight-history';
    const { body } = answer({
      method: 'GET',
      path,
      params,
      key: 'accepted',
      plan: 'hobbyist',
      now,
    });
    expect((body.data as { time: number }[])[0]?.time).toBe(Date.parse('2019-09-08'));
  });

  it('gives at most 1000 rows', () => {
    const params = { symbol: 'BTC', interval: '1h', limit: '5000' };
    const path = '/api/futures/funding-rate/oi-weight-history';
    const { body } = answer({
      method: 'GET',
      path,
      params,
      key: 'accepted',
      plan: 'standard',
      now,
    });
    expect(body.data).toHaveLength(1000);
  });
});

const histories = [
  ['futures/funding-rate/history', { exchange: 'OKX', symbol: 'SOL-USDT-SWAP' }],
  ['futures/funding-rate/oi-weight-history', { symbol: 'SOL' }],
  ['futures/open-interest/history', { exchange: 'Gate', symbol: 'SOL_USDT' }],
  ['futures/open-interest/aggregated-history', { symbol: 'SOL' }],
  ['futures/liquidation/history', { exchange: 'Binance', symbol: 'SOLUSDT' }],
  ['futures/liquidation/aggregated-history', { symbol: 'SOL', exchange_list: 'OKX,Bybit' }],
] as const;

describe('a closed candle', () => {
  it('is the same however, whenever and in whatever range it is asked for', () => {
    const rows = (
      [endpoint, symbols]: (typeof histories)[number],
      interval: Interval,
      range: Record<string, string>,
      at: number,
    ) => {
      const path = `/api/${endpoint}`;
      const params = { ...symbols, interval, ...range };
      const { body } = answer({
        method: 'GET',
        path,
        params,
        key: 'accepted',
        plan: 'enterprise',
        now: at,
      });
      return body.data as { time: number }[];
    };
    fc.assert(
      fc.property(
        fc.constantFrom(...histories),
        fc.constantFrom(...intervals),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 0, max: 30 * day }),
        (history, interval, limit, back, later) => {
          const step = intervalMs(interval);
          const start = now - back * step;
          const first = rows(
            history,
            interval,
            { start_time: String(start), limit: String(limit) },
            now,
          );
          const again = rows(
            history,
            interval,
            { start_time: String(start - 3 * step), end_time: String(start + (limit + 2) * step) },
            now + later,
          );
          const closed = first.filter(({ time }) => time + step <= now);
          expect(again).toEqual(expect.arrayContaining(closed));
          for (const { time } of first) {
            expect(alignUp(time, interval)).toBe(time);
            expect(time).toBeGreaterThanOrEqual(Math.floor(start / 1000) * 1000);
            expect(time).toBeLessThan(now);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is worth its parts: four hours are liquidated in the sum of its single hours', () => {
    const startMs = Date.parse('2026-11-20T00:00:00Z');
    const long = (interval: Interval, limit: number) => {
      const params = {
        symbol: 'BTC',
        exchange_list: 'Binance',
        interval,
        start_time: String(startMs),
        limit: String(limit),
      };
      const path = '/api/futures/liquidation/aggregated-history';
      const { body } = answer({
        method: 'GET',
        path,
        params,
        key: 'accepted',
        plan: 'standard',
        now,
      });
      const found = body.data as { aggregated_long_liquidation_usd: number }[];
      return found.reduce((sum, row) => sum + row.aggregated_long_liquidation_usd, 0);
    };
    expect(long('1h', 4)).toBeCloseTo(long('4h', 1), 3);
    expect(long('1m', 240)).toBeCloseTo(long('4h', 1), 2);
  });
});
