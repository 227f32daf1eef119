import { compareText, fold } from '../catalogue/near-miss.ts';
import { ExchangeListing, type PairRow } from './exchange-listing.ts';

/**
 * What the vendor lists, arranged for looking up. It is read from one answer of supported-exchange-pairs
 * and never changes; keeping it young is its holder's business.
 */
export interface InstrumentTable {
  /** The vendor's spellings, sorted. */
  readonly exchanges: readonly string[];
  readonly size: number;
  listing(exchange: string): ExchangeListing | undefined;
  /** Exchanges that are the same but for case, punctuation and a trailing `.io` or `.com`. */
  listingsLike(exchange: string): readonly ExchangeListing[];
  listings(): readonly ExchangeListing[];
  /** The vendor's spelling of a coin, whatever the case it is asked in. */
  coin(coin: string): string | undefined;
  coins(): Iterable<string>;
}

/** Exchange -> instruments: the house rendition of `futures/supported-exchange-pairs`. */
export type PairsByExchange = Readonly<Record<string, readonly PairRow[]>>;

export const buildInstrumentTable = (data: PairsByExchange): InstrumentTable => {
  const byName = new Map<string, ExchangeListing>();
  const coins = new Map<string, string>();
  for (const [exchange, given] of Object.entries(data)) {
    const rows = given.filter((row) => row.instrument_id !== '' && row.base_asset !== '');
    byName.set(exchange, new ExchangeListing(exchange, rows));
    for (const { base_asset: coin } of rows) {
      const key = coin.toUpperCase();
      // One venue writes kPEPE where others write KPEPE; the capitals are the likelier question.
      if (!coins.has(key) || coin === key) coins.set(key, coin);
    }
  }
  const all = [...byName.values()];
  const byFoldedName = Map.groupBy(all, ({ name }) => foldExchange(name));
  return {
    exchanges: [...byName.keys()].sort(compareText),
    size: all.reduce((sum, { size }) => sum + size, 0),
    listing: (exchange) => byName.get(exchange),
    listingsLike: (exchange) => byFoldedName.get(foldExchange(exchange)) ?? [],
    listings: () => all,
    coin: (coin) => coins.get(coin.toUpperCase()),
    coins: () => coins.values(),
  };
};

/** The vendor itself writes `Gate` here and `Gate.io` there. */
const foldExchange = (name: string): string => fold(name.replace(/\.(?:io|com)$/i, ''));
