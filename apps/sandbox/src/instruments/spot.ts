import { coins } from './coins.ts';

/** One spot pair; the vendor tells no more of it. */
export interface SpotPair {
  readonly instrument_id: string;
  readonly base_asset: string;
  readonly quote_asset: string;
}

const pairs = (quote: string, id: (base: string) => string, count = coins.length): SpotPair[] =>
  coins.slice(0, count).map(({ name }) => ({
    instrument_id: id(name),
    base_asset: name,
    quote_asset: quote,
  }));

/** Spot pairs by exchange. No public recording shows real spot ids; these follow each exchange's own spelling. */
export const spotPairs: Readonly<Record<string, readonly SpotPair[]>> = {
  Binance: [
    ...pairs('USDT', (base) => `${base}USDT`),
    ...pairs('USDC', (base) => `${base}USDC`, 8),
  ],
  OKX: pairs('USDT', (base) => `${base}-USDT`),
  Bybit: pairs('USDT', (base) => `${base}USDT`),
  Gate: pairs('USDT', (base) => `${base}_USDT`),
  Bitget: pairs('USDT', (base) => `${base}USDT`),
  Coinbase: pairs('USD', (base) => `${base}-USD`, 20),
  Kraken: pairs('USD', (base) => `${base === 'BTC' ? 'XBT' : base}/USD`, 20),
  Bitfinex: pairs('USD', (base) => (base.length > 3 ? `${base}:USD` : `${base}USD`), 14),
};
