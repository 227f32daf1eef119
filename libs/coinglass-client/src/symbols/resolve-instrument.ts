import type { ExchangeListing } from './exchange-listing.ts';
import type { InstrumentTable } from './instrument-table.ts';
import type { Instrument } from './instrument.ts';
import { ambiguousInstrument, checkShape } from './refusals.ts';
import { resolveExchange } from './resolve-exchange.ts';
import { noSuchCoin, noSuchPair, onlyDated } from './unknown-symbol.ts';

/** What a caller of the house face names: `coin` may also be an exchange's own instrument id. */
export interface Asked {
  readonly exchange: string;
  readonly coin: string;
  /** The asset the coin is quoted in, e.g. USDT. */
  readonly base: string;
}

/**
 * Which instrument a caller means. Everything is looked up, nothing is put together from strings: what
 * the vendor does not list is refused before a request is spent on it.
 * @throws Failure `invalid-request`, `unknown-instrument` or `ambiguous-instrument`, each with what would do.
 */
export const resolveInstrument = (table: InstrumentTable, asked: Asked): Instrument => {
  checkShape({ exchange: asked.exchange, coin: asked.coin, base: asked.base });
  const listing = resolveExchange(table, asked.exchange);
  return findById(listing, asked.coin) ?? findPerpetual(table, listing, asked);
};

const findById = (listing: ExchangeListing, id: string): Instrument | undefined => {
  const exact = listing.byId(id);
  if (exact !== undefined) return exact;
  const alike = listing.byIdInAnyCase(id);
  return alike.length > 1 ? oneOf(alike, `"${id}" on ${listing.name}`) : alike[0];
};

const findPerpetual = (
  table: InstrumentTable,
  listing: ExchangeListing,
  asked: Asked,
): Instrument => {
  const ofPair = listing.byPair(asked.coin, asked.base);
  if (ofPair.length === 0) {
    throw listing.byCoin(asked.coin).length > 0
      ? noSuchPair(listing, asked)
      : noSuchCoin(table, listing, asked);
  }
  const perpetuals = ofPair.filter(({ perpetual }) => perpetual);
  if (perpetuals.length === 0) throw onlyDated(listing, asked, ofPair);
  const linear = perpetuals.filter(({ margin }) => margin === 'linear');
  return oneOf(
    linear.length > 0 ? linear : perpetuals,
    `${asked.coin}/${asked.base} on ${listing.name}`,
  );
};

const oneOf = (fitting: readonly Instrument[], what: string): Instrument => {
  const [only, ...others] = fitting;
  if (only !== undefined && others.length === 0) return only;
  const ids = fitting.map(({ instrumentId }) => instrumentId);
  throw ambiguousInstrument('coin', `${what} fits ${ids.length} instruments`, ids);
};
