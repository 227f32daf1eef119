import { describe, expect, it } from '@jest/globals';
import { catalogue } from '../catalogue/catalogue.ts';
import { failureOf, table } from './instrument-table.fixture.ts';
import { needsVendorSpelling, vendorSpelling } from './vendor-spelling.ts';

const ofPair = catalogue['futures/funding-rate/history'];
const ofCoin = catalogue['futures/liquidation/aggregated-history'];
const ofNothing = catalogue['futures/supported-exchange-pairs'];

describe('names in native params', () => {
  it('are put into the vendor’s spelling, and nothing else is', () => {
    const pair = { exchange: 'okx', symbol: 'SOL-USDT-SWAP', interval: '1h' };
    expect(vendorSpelling(ofPair, table, pair)).toEqual({
      exchange: 'OKX',
      symbol: 'SOL-USDT-SWAP',
    });
    const coin = { symbol: 'btc', exchange_list: 'okx, binance', limit: '5' };
    expect(vendorSpelling(ofCoin, table, coin)).toEqual({
      symbol: 'BTC',
      exchange_list: 'Binance,OKX',
    });
    expect(vendorSpelling(ofNothing, table, { exchange: 'crypto.com' })).toEqual({
      exchange: 'Crypto.com',
    });
  });

  it('are refused by the vendor’s own field names', () => {
    const fieldOf = (act: () => unknown) => failureOf(act).errors?.[0]?.field;
    expect(fieldOf(() => vendorSpelling(ofCoin, table, { symbol: 'SOLUSDT' }))).toBe('symbol');
    expect(
      fieldOf(() => vendorSpelling(ofPair, table, { exchange: 'OKX', symbol: 'btc-usdt-swap' })),
    ).toBe('symbol');
    expect(
      fieldOf(() => vendorSpelling(ofCoin, table, { symbol: 'BTC', exchange_list: 'FTX' })),
    ).toBe('exchange_list');
  });

  it('are all that a table is needed for', () => {
    for (const name of ['symbol', 'exchange', 'exchange_list'])
      expect(needsVendorSpelling({ [name]: 'x' })).toBe(true);
    expect(needsVendorSpelling({ interval: '1h', limit: '5' })).toBe(false);
  });
});
