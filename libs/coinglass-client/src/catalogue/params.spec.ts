import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isFailure, type Failure } from '../failures.ts';
import { intervals } from '../intervals/ladder.ts';
import { catalogue, endpoints } from './catalogue.ts';
import { canonicalParams, setAsideUnknown } from './params.ts';

const funding = catalogue['futures/funding-rate/history'];
const openInterest = catalogue['futures/open-interest/history'];
const liquidations = catalogue['futures/liquidation/aggregated-history'];
const positions = catalogue['hyperliquid/position'];

const thrownBy = (act: () => unknown): Failure => {
  try {
    act();
  } catch (thrown) {
    if (isFailure(thrown)) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
};

describe('canonical params', () => {
  it('fill defaults and sort their keys, so that equal questions are equal text', () => {
    const asked = { symbol: 'BTCUSDT', interval: '1h', exchange: 'Binance', end_time: undefined };
    expect(JSON.stringify(canonicalParams(openInterest, asked))).toBe(
      '{"exchange":"Binance","interval":"1h","limit":"1000","symbol":"BTCUSDT","unit":"usd"}',
    );
    expect(canonicalParams(positions, { symbol: 'BTC' })).toEqual({
      current_page: '1',
      symbol: 'BTC',
    });
  });

  it('sort lists and drop what stands in them twice', () => {
    const { exchange_list: list } = canonicalParams(liquidations, {
      exchange_list: 'OKX, Binance,OKX,Bybit',
      symbol: 'BTC',
      interval: '1h',
    });
    expect(list).toBe('Binance,Bybit,OKX');
  });

  it('tell every problem at once, with what would have been allowed', () => {
    const failure = thrownBy(() =>
      canonicalParams(openInterest, {
        exchange: 'Binance',
        intervall: '1h',
        interval: 'h1',
        limit: '0',
        unit: 'eur',
        start_time: '1700000000',
      }),
    );
    expect(failure.kind).toBe('invalid-request');
    expect(failure.errors).toEqual([
      {
        field: 'intervall',
        message: 'is not a parameter of this endpoint',
        allowed: ['exchange', 'symbol', 'interval', 'limit', 'start_time', 'end_time', 'unit'],
        suggestions: ['interval'],
      },
      { field: 'symbol', message: 'is required' },
      {
        field: 'interval',
        message: `"h1" is not one of: ${intervals.join(', ')}`,
        allowed: [...intervals],
        suggestions: ['1h'],
      },
      { field: 'limit', message: 'must be a whole number from 1 to 1000' },
      {
        field: 'start_time',
        message: 'must be epoch milliseconds, 13 digits; this looks like seconds: append 000',
      },
      { field: 'unit', message: '"eur" is not one of: usd, coin', allowed: ['usd', 'coin'] },
    ]);
    expect(failure.detail).toBe('6 problems: intervall, symbol, interval, limit, start_time, unit');
  });

  it.each([
    ['1H', ['1h']],
    ['60m', ['1h']],
    ['h4', ['4h']],
    ['24h', ['1d']],
    ['7d', ['1w']],
    ['2h', ['1h', '4h']],
    ['10s', []],
    ['3d', ['1d', '1w']],
    ['1y', ['1d', '1h', '1m']],
    ['soon', []],
  ])('propose for the interval %s: %j', (interval, suggestions) => {
    const asked = { exchange: 'OKX', symbol: 'SOL-USDT-SWAP', interval };
    const [error] = thrownBy(() => canonicalParams(funding, asked)).errors ?? [];
    expect(error?.suggestions ?? []).toEqual(suggestions);
  });

  it.each([
    ['limit', ['1', '999', '1000'], ['', '0', '-1', '1001', '1.5', '1e3', ' 1', '01', '٣']],
    ['start_time', ['1700000000000'], ['0', '1700000000', '17000000000000', '2026-01-01', 'now']],
    ['symbol', ['BTCUSDT', 'BTC-USD-250627'], ['', '\u0000', 'a\r\nb', 'é', 'x'.repeat(65)]],
    ['exchange', ['OKX', 'ApeX Omni', 'Crypto.com'], ['', '😀', 'x'.repeat(10_000)]],
  ])('take for %s these and not those', (field, good, bad) => {
    const asked = { exchange: 'OKX', symbol: 'BTC-USDT-SWAP', interval: '1h' };
    for (const value of good) {
      expect(canonicalParams(funding, { ...asked, [field]: value })[field]).toBe(value);
    }
    for (const value of bad) {
      const failure = thrownBy(() => canonicalParams(funding, { ...asked, [field]: value }));
      expect(failure.errors?.map((error) => error.field)).toEqual([field]);
    }
  });

  it('take a list of exchanges only where every name in it is one', () => {
    for (const list of ['', ',', 'OKX,', 'OKX,,Binance', 'OKX,\u0007', 'x'.repeat(65)]) {
      const asked = { exchange_list: list, symbol: 'BTC', interval: '1h' };
      expect(thrownBy(() => canonicalParams(liquidations, asked)).errors).toHaveLength(1);
    }
    const many = Array.from({ length: 41 }, (_, n) => `X${n}`).join(',');
    const asked = { exchange_list: many, symbol: 'BTC', interval: '1h' };
    expect(thrownBy(() => canonicalParams(liquidations, asked)).kind).toBe('invalid-request');
  });

  it('treat names with a meaning in JavaScript as unknown parameters like any other', () => {
    for (const name of ['__proto__', 'constructor', 'hasOwnProperty', 'toString', '']) {
      const given: unknown = JSON.parse(`{"symbol":"BTC","${name}":"1"}`);
      const failure = thrownBy(() => canonicalParams(positions, given as Record<string, string>));
      expect(failure.errors).toMatchObject([{ message: 'is not a parameter of this endpoint' }]);
    }
    expect(Object.prototype).not.toHaveProperty('1');
  });

  it('never repeat a long or unprintable value, nor list problems without end', () => {
    const secret = `${'s'.repeat(65)}`;
    const given = Object.fromEntries(
      Array.from({ length: 500 }, (_, n) => [`${n}\r\n${secret}`, secret]),
    );
    const failure = thrownBy(() => canonicalParams(funding, { ...given, interval: secret }));
    expect(failure.errors).toHaveLength(32);
    expect(JSON.stringify(failure.toRecord())).not.toContain(secret);
    expect(failure.message).not.toMatch(/[\r\n]/);
    expect(failure.detail).toMatch(/^50[0-9] problems/);
  });

  it.each(['s'.repeat(65), 'a\r\nSet-Cookie: x', 'é'])('do not repeat the value %j', (value) => {
    const asked = { exchange: value, symbol: value, interval: value, limit: value };
    const failure = thrownBy(() => canonicalParams(funding, asked));
    expect(failure.errors).toHaveLength(4);
    expect(JSON.stringify(failure.toRecord())).not.toContain(JSON.stringify(value).slice(1, -1));
  });

  it('throw nothing but a Failure, whatever they are given', () => {
    const name = fc.oneof(
      fc.constantFrom('symbol', 'exchange', 'interval', 'limit', 'start_time', 'exchange_list'),
      fc.string(),
      fc.constantFrom('__proto__', 'constructor', 'valueOf'),
    );
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('1h', '1000', '1700000000000', 'OKX', '\ud800', '%00', '../..'),
      fc.constant(undefined),
      fc.array(fc.string()) as unknown as fc.Arbitrary<string>,
    );
    const given = fc.array(fc.tuple(name, value)).map((pairs) => Object.fromEntries(pairs));
    fc.assert(
      fc.property(fc.constantFrom(...endpoints), given, (endpoint, asked) => {
        try {
          const params = canonicalParams(endpoint, asked);
          expect(Object.values(params).every((each) => typeof each === 'string')).toBe(true);
        } catch (thrown) {
          expect(isFailure(thrown) && thrown.kind).toBe('invalid-request');
        }
      }),
    );
  });

  /** What a caller may mean, and two ways of writing it down. */
  const meaning = fc.record({
    exchange: fc.constantFrom('OKX', 'Binance'),
    symbol: fc.constantFrom('BTCUSDT', 'SOLUSDT'),
    interval: fc.constantFrom('1h', '4h'),
    limit: fc.constantFrom('1000', '10'),
    unit: fc.constantFrom('usd', 'coin'),
    start_time: fc.constantFrom(undefined, '1700000000000', '1700003600000'),
  });
  const keyOf = (asked: Record<string, string | undefined>) =>
    JSON.stringify(canonicalParams(openInterest, asked));

  it('are the same for the same meaning, whatever the order, with or without the defaults', () => {
    fc.assert(
      fc.property(meaning, fc.boolean(), (meant, short) => {
        const reversed = Object.fromEntries(Object.entries(meant).reverse());
        if (short && reversed.limit === '1000') delete reversed.limit;
        if (short && reversed.unit === 'usd') delete reversed.unit;
        expect(keyOf(reversed)).toBe(keyOf(meant));
      }),
    );
  });

  it('differ for differing meanings', () => {
    fc.assert(
      fc.property(meaning, meaning, (one, other) => {
        const same = JSON.stringify(one) === JSON.stringify(other);
        expect(keyOf(one) === keyOf(other)).toBe(same);
      }),
    );
  });

  it('are canonical already when read once more', () => {
    fc.assert(
      fc.property(meaning, (meant) => {
        const once = canonicalParams(openInterest, meant);
        expect(canonicalParams(openInterest, once)).toEqual(once);
      }),
    );
  });
});

describe('what the vendor would not know', () => {
  it('is set aside and named, fit for a header', () => {
    const { known, ignored } = setAsideUnknown(positions, {
      symbol: 'BTC',
      exName: 'OKX',
      'a\r\nb,c': '1',
      ['n'.repeat(100)]: '1',
      absent: undefined,
    });
    expect(known).toEqual({ symbol: 'BTC' });
    expect(ignored).toEqual(['exName', 'a??b?c', `${'n'.repeat(64)}...`]);
  });
});
