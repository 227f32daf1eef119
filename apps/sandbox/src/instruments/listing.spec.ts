import { describe, expect, it } from '@jest/globals';
import { coins } from './coins.ts';
import { quarterlyExpiriesAfter } from './expiries.ts';
import { listingAt } from './listing.ts';

const now = Date.parse('2026-11-23T07:08:09Z');
const listing = listingAt(now);
const { byExchange } = listing;

describe('the listing', () => {
  it('has at least eight exchanges and twenty-five coins', () => {
    expect(byExchange.size).toBeGreaterThanOrEqual(8);
    expect(new Set(coins.map(({ name }) => name)).size).toBeGreaterThanOrEqual(25);
  });

  it('never gives two contracts of an exchange the same id', () => {
    for (const [exchange, instruments] of byExchange) {
      const ids = instruments.map(({ id }) => id);
      expect({ exchange, twice: ids.filter((id, at) => ids.indexOf(id) !== at) }).toEqual({
        exchange,
        twice: [],
      });
    }
  });

  it.each([
    ['Binance', 'SOLUSDT'],
    ['Binance', 'SOLUSD_PERP'],
    ['Binance', '1000PEPEUSDT'],
    ['Binance', 'BTCUSDT_261225'],
    ['OKX', 'SOL-USDT-SWAP'],
    ['OKX', 'BTC-USD-261225'],
    ['Bybit', 'SHIB1000USDT'],
    ['Bybit', 'BTCUSDT-25DEC26'],
    ['Gate', 'SOL_USDT'],
    ['Bitget', 'BTCUSDT_UMCBL'],
    ['Hyperliquid', 'kPEPE'],
    ['Deribit', 'BTC-PERPETUAL'],
    ['Deribit', 'BTC-25DEC26'],
    ['Kraken', 'PF_XBTUSD'],
    ['KuCoin', 'XBTUSDTM'],
  ])('knows %s %s', (exchange, id) => {
    expect(listing.find(exchange, id)).toMatchObject({ exchange, id });
  });

  it('holds cases a resolver must not guess at', () => {
    const same = (exchange: string, base: string, quote: string) =>
      byExchange
        .get(exchange)
        ?.filter((each) => each.base === base && each.quote === quote)
        .map(({ id }) => id);
    expect(same('Bitget', 'XRP', 'USDT')).toEqual(['XRPUSDT_UMCBL', 'XRPUSDT']);
    expect(same('Kraken', 'BTC', 'USD')).toEqual([
      'PF_XBTUSD',
      'PI_XBTUSD',
      'FI_XBTUSD_261225',
      'FI_XBTUSD_270326',
    ]);
  });

  it('drops a dated contract when it expires and lists the next', () => {
    const [expiry] = quarterlyExpiriesAfter(now);
    expect(new Date(expiry).toISOString()).toBe('2026-12-25T08:00:00.000Z');
    const after = listingAt(expiry);
    expect(after.find('OKX', 'BTC-USD-261225')).toBeUndefined();
    expect(after.find('OKX', 'BTC-USD-270625')).toBeDefined();
  });
});
