import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nearest } from './near-miss.ts';

const coins = ['BTC', 'ETH', 'SOL', 'XRP', 'PEPE', '1000PEPE', 'DOGE'];

describe('near misses', () => {
  it.each([
    ['sol', ['SOL']],
    ['SLO', ['SOL']],
    ['BTX', ['BTC']],
    ['DOGGE', ['DOGE']],
    ['pepe', ['PEPE']],
    ['Solana', ['SOL']],
    ['ZZZZZZ', []],
    ['', []],
    ['---', []],
    ['B', []],
  ])('of %s are %j', (text, found) => {
    expect(nearest(text, coins)).toEqual(found);
  });

  it('are few, known, and each only once, whatever is asked', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const found = nearest(text, coins, 2);
        expect(found.length).toBeLessThanOrEqual(2);
        expect(new Set(found).size).toBe(found.length);
        for (const name of found) expect(coins).toContain(name);
      }),
    );
  });
});
