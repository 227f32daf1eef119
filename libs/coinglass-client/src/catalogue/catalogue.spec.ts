import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { isFailure } from '../failures.ts';
import { isInterval } from '../intervals/ladder.ts';
import { acceptedIntervals } from './accepted-intervals.ts';
import { catalogue, endpointIds, endpoints, findEndpoint, houseRoutes } from './catalogue.ts';
import { canonicalParams, parameterNames } from './params.ts';
import { floorInterval, historyDepthMs, plans } from './plans.ts';
import { units, unitsOf } from './units.ts';

/** Every field name in a sample, a dot leading into objects and the items of lists. */
const fieldsOf = (value: unknown, path = ''): string[] => {
  if (Array.isArray(value)) return value.flatMap((item) => fieldsOf(item, path));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const here = path === '' ? name : `${path}.${name}`;
    return [here, ...fieldsOf(inner, here)];
  });
};

/** What a reader of the house rendition gets. */
const rendered = (data: unknown): unknown => JSON.parse(JSON.stringify(data));

describe('the catalogue', () => {
  it('knows the twelve endpoints, each under its own id', () => {
    expect(Object.entries(catalogue).map(([id, endpoint]) => [id, endpoint.id])).toEqual(
      endpointIds.map((id) => [id, id]),
    );
    expect([...endpointIds].sort()).toEqual([
      'etf/bitcoin/flow-history',
      'etf/bitcoin/list',
      'futures/funding-rate/history',
      'futures/funding-rate/oi-weight-history',
      'futures/liquidation/aggregated-history',
      'futures/liquidation/heatmap/model1',
      'futures/liquidation/history',
      'futures/open-interest/aggregated-history',
      'futures/open-interest/history',
      'futures/supported-exchange-pairs',
      'hyperliquid/position',
      'spot/supported-exchange-pairs',
    ]);
  });

  it('gives every endpoint a house route of its own', () => {
    const routes = houseRoutes.map(({ route }) => route);
    expect(new Set(routes).size).toBe(endpoints.length);
    for (const route of routes) expect(route).toMatch(/^\/advanced\/[a-z/-]+(?::coin)?$/);
  });

  it.each(endpoints.map((endpoint) => [endpoint.id, endpoint] as const))(
    '%s holds together',
    (_id, endpoint) => {
      // The sample is a question in canonical form and an answer its schema accepts.
      expect(canonicalParams(endpoint, endpoint.sample.params)).toEqual(endpoint.sample.params);
      expect(() => endpoint.data.parse(endpoint.sample.data)).not.toThrow();
      // A coin in the route, and only there, is what the endpoint's symbol is made from.
      expect(endpoint.route.endsWith('/:coin')).toBe(endpoint.symbol !== 'none');
      expect(parameterNames(endpoint).includes('symbol')).toBe(endpoint.symbol !== 'none');
      if (endpoint.symbol === 'pair') expect(parameterNames(endpoint)).toContain('exchange');
      // Candles have intervals and a time; other endpoints have neither open candles nor ranges.
      const isCandles = endpoint.freshness.kind === 'candles';
      expect(acceptedIntervals(endpoint).length > 0).toBe(isCandles);
      if (isCandles) expect(endpoint.timeField).toBeDefined();
      if (endpoint.insteadUse !== undefined) {
        expect(houseRoutes.map(({ route }) => route)).toContain(endpoint.insteadUse);
      }
    },
  );

  it.each(endpoints.map((endpoint) => [endpoint.id, endpoint] as const))(
    '%s names units that exist, of fields that exist',
    (_id, endpoint) => {
      const { data } = endpoint.sample;
      // A map's keys are names, not fields.
      const fields =
        endpoint.narrowBy === undefined
          ? fieldsOf(data)
          : fieldsOf(Object.values(Object(data)), '*');
      for (const [field, unit] of Object.entries(endpoint.units)) {
        expect(units).toContain(unit);
        expect(fields).toContain(field);
      }
      for (const unit of Object.values(unitsOf(endpoint, {}))) expect(unit).not.toContain('{');
    },
  );

  it.each(endpoints.map((endpoint) => [endpoint.id, endpoint] as const))(
    '%s says for each plan from which interval on it may be read, where the plan has history',
    (_id, endpoint) => {
      for (const plan of plans) {
        const rule = endpoint.plans[plan];
        expect(typeof rule === 'boolean' || isInterval(rule)).toBe(true);
        const floor = floorInterval(endpoint, plan);
        if (floor !== undefined) {
          expect(acceptedIntervals(endpoint)).toContain(floor);
          expect(historyDepthMs(plan, floor)).toBeGreaterThan(0);
        }
      }
    },
  );

  it.each(endpoints.map((endpoint) => [endpoint.id, endpoint] as const))(
    '%s can be written down as JSON Schema, parameters and data',
    (_id, endpoint) => {
      const params = z.toJSONSchema(endpoint.params, { io: 'input' });
      expect(params).toMatchObject({ type: 'object', additionalProperties: false });
      expect(Object.keys(params.properties ?? {})).toEqual(parameterNames(endpoint));
      expect(z.toJSONSchema(endpoint.data, { io: 'input' })).toHaveProperty('type');
    },
  );

  it('tells the unit of open interest by the parameter that chooses it', () => {
    const endpoint = catalogue['futures/open-interest/history'];
    expect(unitsOf(endpoint, { unit: 'coin' })).toMatchObject({ close: 'coin', time: 'ms' });
    expect(unitsOf(endpoint, {})).toMatchObject({ close: 'usd' });
  });

  it('finds an endpoint by its id, and proposes the nearest for another', () => {
    expect(findEndpoint('futures/funding-rate/history')).toBe(
      catalogue['futures/funding-rate/history'],
    );
    const unknown = findEndpoint('/api/futures/funding-rates/history');
    expect(isFailure(unknown) && unknown.toRecord()).toMatchObject({
      kind: 'unknown-endpoint',
      errors: [{ field: 'endpoint', suggestions: ['futures/funding-rate/history'] }],
    });
  });

  it.each(['__proto__', 'constructor', 'toString', '', 'x'.repeat(10_000), '\u0000', '../admin'])(
    'knows no endpoint %j',
    (id) => {
      const found = findEndpoint(id);
      expect(isFailure(found) && found.kind).toBe('unknown-endpoint');
      expect(JSON.stringify(found).length).toBeLessThan(400);
    },
  );
});

describe('the house rendition', () => {
  it('turns numeric strings into numbers of the same digits', () => {
    const { data, sample } = catalogue['futures/funding-rate/history'];
    expect(JSON.stringify(data.parse(sample.data))).toBe(
      '[{"time":1658880000000,"open":0.004603,"high":0.009388,"low":-0.005063,"close":0.009229}]',
    );
  });

  it('keeps digits that a double would lose', () => {
    const { data } = catalogue['futures/open-interest/history'];
    const figure = '12345678901234567890.10';
    const row = { time: 1658880000000, open: figure, high: '1.50', low: '-0', close: '1e-7' };
    expect(JSON.stringify(data.parse([row]))).toBe(
      `[{"time":1658880000000,"open":${figure},"high":1.50,"low":-0,"close":1e-7}]`,
    );
  });

  it('leaves ids that are made of digits alone', () => {
    const { data, sample } = catalogue['etf/bitcoin/list'];
    expect(rendered(data.parse(sample.data))).toMatchObject([
      { cik_code: '0001588489', shares_outstanding: 240750100, aum_usd: 16137543152.34 },
    ]);
  });

  it("turns the heatmap's seconds into ms", () => {
    const { data, sample } = catalogue['futures/liquidation/heatmap/model1'];
    expect(rendered(data.parse(sample.data))).toMatchObject({
      price_candlesticks: [
        [1722676500000, 61486, 61596.4, 61434.4, 61539.9, 63753192.1129],
        [1722676800000, 61539.9, 61610, 61480, 61590.5, 42311820.872],
      ],
    });
  });

  it('keeps an absent ETF flow absent and a null one null: neither is a 0', () => {
    const { data } = catalogue['etf/bitcoin/flow-history'];
    const day = {
      timestamp: 1704931200000,
      flow_usd: null,
      price_usd: 46663,
      etf_flows: [{ etf_ticker: 'GBTC' }, { etf_ticker: 'IBIT', flow_usd: null }],
    };
    expect(data.parse([day])).toEqual([day]);
  });

  it('lets fields pass that nobody knew of', () => {
    const { data, sample } = catalogue['hyperliquid/position'];
    const grown = { ...sample.data, cursor: 'abc', list: [{ ...sample.data.list[0], tag: '007' }] };
    expect(data.parse(grown)).toEqual(grown);
  });

  it.each(endpoints.map((endpoint) => [endpoint.id, endpoint] as const))(
    '%s refuses data of another shape',
    (_id, endpoint) => {
      for (const data of [null, undefined, 'x', 0, [null], ['x'], [[]], { Binance: {} }, [{}]]) {
        expect(endpoint.data.safeParse(data).success).toBe(false);
      }
    },
  );

  it.each([
    ['futures/funding-rate/history', 'close'],
    ['futures/funding-rate/oi-weight-history', 'time'],
    ['futures/open-interest/history', 'high'],
    ['futures/liquidation/history', 'short_liquidation_usd'],
    ['futures/liquidation/aggregated-history', 'aggregated_long_liquidation_usd'],
    ['etf/bitcoin/flow-history', 'flow_usd'],
    ['etf/bitcoin/list', 'aum_usd'],
  ] as const)('%s refuses a row without %s, or with a word in it', (id, field) => {
    const { data, sample } = catalogue[id];
    const [row] = sample.data;
    const { [field as never]: _lost, ...rest } = row;
    expect(data.safeParse([rest]).success).toBe(false);
    for (const word of ['NaN', '', ' ', '1e999', 'Infinity', '0x10', '1,5', true, {}, []]) {
      expect(data.safeParse([{ ...row, [field]: word }]).success).toBe(false);
    }
  });
});
