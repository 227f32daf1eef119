import { describe, expect, it } from '@jest/globals';
import { findNativeSymbol } from './find-native-symbol.ts';
import { failureOf, table } from './instrument-table.fixture.ts';

describe("a symbol in the vendor's own words", () => {
  it("must be exact; only the exchange's spelling is put right", () => {
    expect(findNativeSymbol(table, 'okx', 'BTC-USDT-250627')).toMatchObject({
      exchange: 'OKX',
      instrumentId: 'BTC-USDT-250627',
    });
  });

  it.each([
    ['btc-usdt-swap', ['BTC-USDT-SWAP']],
    ['SOL', ['SOL-USDT-SWAP']],
    ['BTC-USDT-SWAPP', ['BTC-USDT-SWAP']],
  ])('as %s is proposed right, not served', (symbol, suggestions) => {
    const failure = failureOf(() => findNativeSymbol(table, 'OKX', symbol));
    expect(failure.kind).toBe('unknown-instrument');
    expect(failure.errors?.[0]).toMatchObject({
      field: 'symbol',
      suggestions: expect.arrayContaining(suggestions),
    });
  });
});
