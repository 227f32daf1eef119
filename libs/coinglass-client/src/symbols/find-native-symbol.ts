import { nearest } from '../catalogue/near-miss.ts';
import { withSuggestions } from '../catalogue/params.ts';
import type { InstrumentTable } from './instrument-table.ts';
import type { Instrument } from './instrument.ts';
import { checkShape, unknownInstrument } from './refusals.ts';
import { resolveExchange } from './resolve-exchange.ts';

/**
 * The instrument a caller names in the vendor's own words. The id must be exact, dated contracts
 * included; only the exchange's spelling is put right.
 * @throws Failure `invalid-request` or `unknown-instrument` (a slip of case is proposed, never served).
 */
export const findNativeSymbol = (
  table: InstrumentTable,
  exchange: string,
  symbol: string,
): Instrument => {
  checkShape({ exchange, symbol });
  const listing = resolveExchange(table, exchange);
  const instrument = listing.byId(symbol);
  if (instrument !== undefined) return instrument;
  const otherCase = listing.byIdInAnyCase(symbol).map(({ instrumentId }) => instrumentId);
  const ofCoin = listing
    .byCoin(symbol)
    .filter(({ perpetual }) => perpetual)
    .map(({ instrumentId }) => instrumentId);
  const proposals = [...otherCase, ...ofCoin, ...nearest(symbol, listing.instrumentIds())];
  throw unknownInstrument(`${listing.name} lists no instrument "${symbol}"`, [
    {
      field: 'symbol',
      message: `"${symbol}" is not an instrument id of ${listing.name}`,
      ...withSuggestions([...new Set(proposals)].slice(0, 5)),
    },
  ]);
};
