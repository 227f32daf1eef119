import { describe, expect, it } from '@jest/globals';
import { failureOf, table } from './instrument-table.fixture.ts';
import { resolveCoin } from './resolve-coin.ts';

describe('a coin', () => {
  it.each([
    ['BTC', 'BTC'],
    ['sol', 'SOL'],
    ['KPEPE', 'kPEPE'],
    ['1000pepe', '1000PEPE'],
  ])('asked as %s is %s', (asked, coin) => {
    expect(resolveCoin(table, asked)).toBe(coin);
  });

  it.each([
    ['BTCUSDT', ['BTC']],
    ['btc-usdt-swap', ['BTC']],
    ['SLO', ['SOL']],
  ])('is not %s, but may be %j', (asked, suggestions) => {
    const failure = failureOf(() => resolveCoin(table, asked));
    expect(failure.toRecord()).toMatchObject({
      kind: 'unknown-instrument',
      errors: [{ field: 'coin', suggestions }],
    });
  });
});
