import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isFailure, type FailureKind } from '../failures.ts';
import { findNativeSymbol } from './find-native-symbol.ts';
import { failureOf, table } from './instrument-table.fixture.ts';
import { resolveCoin } from './resolve-coin.ts';
import { resolveExchanges } from './resolve-exchange.ts';
import { resolveInstrument } from './resolve-instrument.ts';

describe('an instrument', () => {
  it.each([
    ['Binance', 'SOL', 'USDT', 'Binance', 'SOLUSDT'],
    ['OKX', 'SOL', 'USDT', 'OKX', 'SOL-USDT-SWAP'],
    ['okx', 'sol', 'usdt', 'OKX', 'SOL-USDT-SWAP'],
    ['O.K.X', 'SOL', 'USDT', 'OKX', 'SOL-USDT-SWAP'],
    ['Gate.io', 'BTC', 'USDT', 'Gate', 'BTC_USDT'],
    ['cryptocom', 'BTC', 'USD', undefined, undefined],
    ['crypto', 'BTC', 'USD', 'Crypto.com', 'BTCUSD-PERP'],
    // A dated contract is never taken for the perpetual.
    ['OKX', 'BTC', 'USDT', 'OKX', 'BTC-USDT-SWAP'],
    ['KuCoin', 'XBT', 'USDT', 'KuCoin', 'XBTUSDTM'],
    // Linear before inverse; inverse when there is nothing else.
    ['OKX', 'BTC', 'USD', 'OKX', 'BTC-USD_UM-SWAP'],
    ['Binance', 'BTC', 'USD', 'Binance', 'BTCUSD_PERP'],
    // The exchange's own id, be it dated, in any case.
    ['OKX', 'BTC-USDT-250627', 'USDT', 'OKX', 'BTC-USDT-250627'],
    ['binance', 'btcusdt', 'USDC', 'Binance', 'BTCUSDT'],
    ['Hyperliquid', 'BTC', 'USDT', 'Hyperliquid', 'BTC'],
    ['Hyperliquid', 'kpepe', 'USD', 'Hyperliquid', 'kPEPE'],
    ['constructor', '__proto__', 'USDT', 'constructor', '__proto__'],
  ])('asked as %s %s/%s is %s %s', (exchange, coin, base, foundOn, instrumentId) => {
    const resolve = () => resolveInstrument(table, { exchange, coin, base });
    if (foundOn === undefined) {
      expect(failureOf(resolve).errors?.[0]).toMatchObject({
        field: 'exchange',
        suggestions: ['Crypto.com'],
      });
      return;
    }
    expect(resolve()).toMatchObject({ exchange: foundOn, instrumentId });
  });

  it('is told with its base, quote and margin', () => {
    expect(
      resolveInstrument(table, { exchange: 'OKX', coin: 'BTC-USD-SWAP', base: 'USDT' }),
    ).toEqual({
      exchange: 'OKX',
      instrumentId: 'BTC-USD-SWAP',
      base: 'BTC',
      quote: 'USD',
      settlement: 'BTC',
      perpetual: true,
      margin: 'inverse',
    });
  });

  it('is not guessed when several fit', () => {
    const asked = { exchange: 'Binance', coin: 'TWIN', base: 'USDT' };
    expect(failureOf(() => resolveInstrument(table, asked)).toRecord()).toMatchObject({
      kind: 'ambiguous-instrument',
      errors: [{ field: 'coin', allowed: ['TWINUSDT', 'TWIN_USDT'] }],
    });
  });

  it.each<[string, { exchange: string; coin: string; base: string }, object[]]>([
    [
      'another quote',
      { exchange: 'Binance', coin: 'SOL', base: 'EUR' },
      [{ field: 'base', allowed: ['USDC', 'USDT'], suggestions: ['USDC', 'USDT'] }],
    ],
    [
      'a slip in the coin',
      { exchange: 'Binance', coin: 'SLO', base: 'USDT' },
      [{ field: 'coin', suggestions: ['SOL'] }],
    ],
    [
      'a coin that trades by the thousand',
      { exchange: 'Binance', coin: 'PEPE', base: 'USDT' },
      [{ field: 'coin', suggestions: expect.arrayContaining(['1000PEPE']) }],
    ],
    [
      'a coin that trades by the k',
      { exchange: 'Hyperliquid', coin: 'PEPE', base: 'USD' },
      [{ field: 'coin', suggestions: ['kPEPE'] }],
    ],
    [
      'a coin under an older name',
      { exchange: 'KuCoin', coin: 'BTC', base: 'USDT' },
      [
        { field: 'coin', suggestions: expect.arrayContaining(['XBT']) },
        { field: 'exchange', suggestions: ['Binance', 'Gate', 'OKX'] },
      ],
    ],
    [
      'only dated contracts',
      { exchange: 'OKX', coin: 'OLD', base: 'USDT' },
      [{ field: 'coin', suggestions: ['OLD-USDT-250627', 'OLD-USDT-251226'] }],
    ],
    [
      'an exchange with a slip',
      { exchange: 'Binanse', coin: 'SOL', base: 'USDT' },
      [{ field: 'exchange', allowed: table.exchanges, suggestions: ['Binance'] }],
    ],
  ])('that is not there is refused with what would do: %s', (_what, asked, errors) => {
    const failure = failureOf(() => resolveInstrument(table, asked));
    expect(failure.kind).toBe('unknown-instrument');
    expect(failure.errors).toMatchObject(errors);
  });

  it.each([
    ['exchange', ''],
    ['coin', ''],
    ['coin', 'x'.repeat(65)],
    ['coin', 'SOL\r\nX: 1'],
    ['coin', '\u0000'],
    ['base', 'USD₮'],
    ['base', '😀'],
  ])('is not looked for when %s is %j', (field, value) => {
    const asked = { exchange: 'OKX', coin: 'SOL', base: 'USDT', [field]: value };
    const failure = failureOf(() => resolveInstrument(table, asked));
    expect(failure.kind).toBe('invalid-request');
    expect(failure.errors?.map((error) => error.field)).toEqual([field]);
  });
});

describe('a lookup', () => {
  const expected: readonly FailureKind[] = [
    'invalid-request',
    'unknown-instrument',
    'ambiguous-instrument',
  ];
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 80 }),
    fc.constantFrom('__proto__', 'constructor', 'toString', '../..', '%00', 'BTC', 'OKX', 'usdt'),
  );

  it('throws nothing but a Failure that names a field, whatever it is given', () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, (exchange, coin, base) => {
        for (const look of [
          () => resolveInstrument(table, { exchange, coin, base }),
          () => resolveInstrument(table, { exchange: 'OKX', coin, base: 'USDT' }),
          () => findNativeSymbol(table, exchange, coin),
          () => resolveCoin(table, coin),
          () => resolveExchanges(table, exchange),
        ]) {
          try {
            look();
          } catch (thrown) {
            expect(isFailure(thrown) && expected.includes(thrown.kind)).toBe(true);
            expect(isFailure(thrown) && (thrown.errors?.length ?? 0) > 0).toBe(true);
          }
        }
      }),
    );
  });

  it('finds only what the table lists', () => {
    const coins = fc.constantFrom('BTC', 'btc', 'SOL', 'PEPE', 'kPEPE', 'BTCUSDT', 'OLD', 'TWIN');
    const bases = fc.constantFrom('USDT', 'USD', 'usdc');
    fc.assert(
      fc.property(fc.constantFrom(...table.exchanges), coins, bases, (exchange, coin, base) => {
        try {
          const found = resolveInstrument(table, { exchange, coin, base });
          expect(table.listing(found.exchange)?.byId(found.instrumentId)).toBe(found);
        } catch (thrown) {
          expect(isFailure(thrown)).toBe(true);
        }
      }),
    );
  });
});
