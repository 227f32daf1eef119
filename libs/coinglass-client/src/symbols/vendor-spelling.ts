import type { Endpoint } from '../catalogue/endpoint.ts';
import type { Params } from '../catalogue/params.ts';
import { findNativeSymbol } from './find-native-symbol.ts';
import type { InstrumentTable } from './instrument-table.ts';
import { resolveCoin } from './resolve-coin.ts';
import { resolveExchange, resolveExchanges } from './resolve-exchange.ts';

/** Whether native params hold a name that the table must know; if not, nobody need wait for a table. */
export const needsVendorSpelling = (params: Params): boolean =>
  'symbol' in params || 'exchange' in params || 'exchange_list' in params;

/**
 * The names in native params as the vendor spells them: symbol, exchange and list of exchanges, as far as the endpoint asks for
 * them, and nothing else. What a caller means in the house's words (a coin and its base) is `resolveInstrument`'s matter.
 * @throws Failure `invalid-request`, `unknown-instrument` or `ambiguous-instrument`, its fields named natively
 */
export const vendorSpelling = (
  endpoint: Endpoint,
  table: InstrumentTable,
  params: Params,
): Params => {
  const { symbol = '', exchange, exchange_list: list } = params;
  if (endpoint.symbol === 'pair') {
    const found = findNativeSymbol(table, exchange ?? '', symbol);
    return { exchange: found.exchange, symbol: found.instrumentId };
  }
  return {
    ...(endpoint.symbol === 'coin' && { symbol: resolveCoin(table, symbol, 'symbol') }),
    ...(exchange !== undefined && { exchange: resolveExchange(table, exchange).name }),
    ...(list !== undefined && { exchange_list: resolveExchanges(table, list).join(',') }),
  };
};
