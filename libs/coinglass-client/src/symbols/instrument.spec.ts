import { describe, expect, it } from '@jest/globals';
import { isDated, marginOf } from './instrument.ts';

describe('an instrument id', () => {
  it.each([
    ['BTCUSD_250627', 'BTC', true],
    ['BTC-USD-250627', 'BTC', true],
    ['BTC_USDT_20250627', 'BTC', true],
    ['BTC-27JUN25', 'BTC', true],
    ['BTC-5DEC25', 'BTC', true],
    ['XBTU25', 'XBT', true],
    ['BTCUSDZ25', 'BTC', true],
    ['FI_XBTUSD_250627', 'XBT', true],
    ['BTCUSDT', 'BTC', false],
    ['BTC-USDT-SWAP', 'BTC', false],
    ['BTC-PERPETUAL', 'BTC', false],
    ['BTCUSDT_UMCBL', 'BTC', false],
    ['XBTUSDTM', 'XBT', false],
    ['PF_XBTUSD', 'XBT', false],
    ['K23', 'K23', false],
    ['1000PEPEUSDT', '1000PEPE', false],
    ['SPX6900', 'SPX6900', false],
  ])('%s of %s expires: %s', (id, base, dated) => {
    expect(isDated(id, base)).toBe(dated);
  });

  it.each([
    ['BTCUSDT', 'USDT', 'linear'],
    ['BTCUSD_PERP', 'USDT', 'inverse'],
    ['BTC-USD-SWAP', undefined, 'inverse'],
    ['PI_XBTUSD', undefined, 'inverse'],
    ['PF_XBTUSD', undefined, 'linear'],
    ['BTCUSD', 'btc', 'inverse'],
  ])('%s settled in %s is %s', (id, settlement, margin) => {
    expect(marginOf(id, 'BTC', settlement)).toBe(margin);
  });
});
