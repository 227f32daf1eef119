import { describe, expect, it } from '@jest/globals';
import { catalogue } from './catalogue.ts';
import { clippedStart, rowFacts } from './row-facts.ts';

const hour = 3_600_000;
const day = 24 * hour;
const fetchedAt = Date.UTC(2026, 10, 1, 10, 30);
const tenOClock = Date.UTC(2026, 10, 1, 10);
const funding = catalogue['futures/funding-rate/history'];
const rows = (...times: number[]) => times.map((time) => ({ time }));

describe('what an answer says about itself', () => {
  it('marks the candle that was still running, decided by the clock', () => {
    const data = rows(tenOClock - 2 * hour, tenOClock - hour, tenOClock);
    expect(rowFacts(funding, { interval: '1h' }, data, fetchedAt, 'standard')).toEqual({
      count: 3,
      openFrom: tenOClock,
      coverage: { from: tenOClock - 2 * hour, to: tenOClock + hour, clipped: false },
    });
  });

  it('marks no candle when the last one has closed', () => {
    const data = rows(tenOClock - 2 * hour, tenOClock - hour);
    const facts = rowFacts(funding, { interval: '1h' }, data, fetchedAt, 'standard');
    expect(facts).not.toHaveProperty('openFrom');
    expect(facts.coverage?.to).toBe(tenOClock);
  });

  it('does not rely on the order of the rows', () => {
    const data = rows(tenOClock, tenOClock - 2 * hour, tenOClock - hour);
    expect(rowFacts(funding, { interval: '1h' }, data, fetchedAt, 'standard')).toMatchObject({
      openFrom: tenOClock,
      coverage: { from: tenOClock - 2 * hour, to: tenOClock + hour },
    });
  });

  it('says when the asked start lies before what the plan may see', () => {
    const start = String(tenOClock - 400 * day);
    const asked = { interval: '1h', start_time: start };
    const data = rows(tenOClock - 359 * day);
    const facts = (plan: 'standard' | 'professional') =>
      rowFacts(funding, asked, data, fetchedAt, plan).coverage?.clipped;
    expect(facts('standard')).toBe(true);
    expect(facts('professional')).toBe(false);
    expect(clippedStart(asked, 'standard', fetchedAt)).toBe(fetchedAt + hour / 2 - 360 * day);
    expect(clippedStart({ interval: '1d', start_time: start }, 'hobbyist', fetchedAt)).toBe(
      undefined,
    );
    expect(clippedStart({ interval: '1h' }, 'standard', fetchedAt)).toBeUndefined();
  });

  it('says so even when the plan cut everything away', () => {
    const asked = { interval: '1m', start_time: String(tenOClock - 30 * day) };
    expect(rowFacts(funding, asked, [], fetchedAt, 'standard')).toEqual({
      count: 0,
      coverage: { from: fetchedAt - 6 * day, to: fetchedAt - 6 * day, clipped: true },
    });
    expect(rowFacts(funding, { interval: '1m' }, [], fetchedAt, 'standard')).toEqual({ count: 0 });
  });

  it('treats a day of ETF flows as open until the day is over, UTC', () => {
    const flows = catalogue['etf/bitcoin/flow-history'];
    const today = Date.UTC(2026, 10, 1);
    const data = [{ timestamp: today - day }, { timestamp: today }];
    expect(rowFacts(flows, {}, data, fetchedAt, 'standard')).toEqual({
      count: 2,
      openFrom: today,
      coverage: { from: today - day, to: today + day, clipped: false },
    });
  });

  it('counts the items of maps and pages, which cover no time', () => {
    const { sample } = catalogue['futures/supported-exchange-pairs'];
    const pairs = catalogue['futures/supported-exchange-pairs'];
    expect(rowFacts(pairs, {}, sample.data, fetchedAt, 'standard')).toEqual({ count: 3 });
    const positions = catalogue['hyperliquid/position'];
    expect(rowFacts(positions, {}, positions.sample.data, fetchedAt, 'standard')).toEqual({
      count: 1,
    });
    expect(rowFacts(positions, {}, { list: [] }, fetchedAt, 'standard')).toEqual({ count: 0 });
  });

  it('reads the house rendition as it is read back from JSON', () => {
    const { data, sample, timeField } = funding;
    expect(timeField).toBe('time');
    const house = data.parse(sample.data);
    const readBack: unknown = JSON.parse(JSON.stringify(house));
    const facts = (rendition: unknown) =>
      rowFacts(funding, { interval: '1d' }, rendition, fetchedAt, 'standard');
    expect(facts(house)).toEqual(facts(readBack));
  });
});
