import { describe, expect, it } from '@jest/globals';
import { catalogue, endpoints } from '../catalogue/catalogue.ts';
import { readPageRows } from './page-rows.ts';
import { findSeries, isSeries, seriesNames } from './series.ts';

const endpoint = catalogue['futures/funding-rate/history'];
const hour = 3_600_000;
const from = Date.UTC(2026, 0, 1);
const at = (n: number, close = '0.10') => ({
  time: from + n * hour,
  open: '0.1',
  high: '0.1',
  low: '0.1',
  close,
});
const read = (rows: unknown[], more = {}) =>
  readPageRows(
    endpoint,
    { from, to: from + 6 * hour, interval: '1h', fetchedAt: from + 100 * hour, ...more },
    endpoint.data.parse(rows),
  );
const times = (lines: string) =>
  lines
    .trim()
    .split('\n')
    .map((line) => ((JSON.parse(line) as { time: number }).time - from) / hour);

describe('the rows of a page', () => {
  it('are sorted, each time once, with the vendor’s digits', () => {
    const page = read([at(5), at(0), at(3), at(1), at(2), at(4), at(3)]);
    expect(times(page.lines)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(page).toMatchObject({ rows: 6, repeated: 1, conflicting: 0, strayed: 0, missing: [] });
    expect(page.lines.split('\n')[0]).toBe(
      `{"time":${from},"time_iso":"2026-01-01T00:00:00.000Z","open":0.1,"high":0.1,"low":0.1,"close":0.10,"open_candle":false}`,
    );
  });

  it('keep the later of two versions and count it', () => {
    const page = read([at(0, '1'), at(0, '2')]);
    expect(page).toMatchObject({ rows: 1, repeated: 0, conflicting: 1 });
    expect(page.lines).toContain('"close":2');
  });

  it('leave out what is not in the span, and count it', () => {
    expect(read([at(-1), at(0), at(6)])).toMatchObject({ rows: 1, strayed: 2 });
  });

  it('tell every closed candle that is not there', () => {
    const { missing } = read([at(1), at(4)]);
    expect(missing.map((span) => [(span.from - from) / hour, (span.to - from) / hour])).toEqual([
      [0, 1],
      [2, 4],
      [5, 6],
    ]);
    expect(read([]).missing).toEqual([{ from, to: from + 6 * hour }]);
  });

  it('mark the candles that still ran, which are no gap when they are not there', () => {
    const fetchedAt = from + 4.5 * hour;
    const page = read([at(0), at(1), at(2), at(3), at(4)], { fetchedAt });
    expect(page).toMatchObject({ openFrom: from + 4 * hour, missing: [] });
    expect(page.lines.match(/"open_candle":true/g)).toHaveLength(1);
    expect(read([at(0), at(1), at(2), at(3)], { fetchedAt }).missing).toEqual([]);
  });

  it('take the weekday from the rows where weeks are asked for', () => {
    const week = 168 * hour;
    const monday = from + 4 * 24 * hour;
    const rows = [0, 1, 3].map((n) => ({ ...at(0), time: monday + n * week }));
    const { missing } = read(rows, {
      to: from + 4 * week,
      interval: '1w',
      fetchedAt: from + 9 * week,
    });
    expect(missing).toEqual([{ from: monday + 2 * week, to: monday + 3 * week }]);
  });

  it('name the fields that nobody knows yet', () => {
    expect(read([{ ...at(0), mood: 'new' }]).newFields).toEqual(['mood']);
  });
});

describe('the names of series', () => {
  it('stand for every endpoint with a range of candles', () => {
    const ids = endpoints.filter(isSeries).map(({ id }) => id);
    expect(Object.values(seriesNames).sort()).toEqual(ids.sort());
    for (const name of Object.keys(seriesNames)) expect(isSeries(findSeries(name))).toBe(true);
    expect(findSeries('futures/open-interest/history').id).toBe('futures/open-interest/history');
  });

  it('are told when another is asked for', () => {
    expect(() => findSeries('fundings')).toThrow(
      expect.objectContaining({
        errors: [expect.objectContaining({ field: 'what', suggestions: ['funding'] })],
      }),
    );
    expect(() => findSeries('etf/bitcoin/list')).toThrow(/has no range of candles/);
  });
});
