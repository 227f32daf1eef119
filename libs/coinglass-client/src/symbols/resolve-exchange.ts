import { compareText, nearest } from '../catalogue/near-miss.ts';
import { invalidRequest, withSuggestions } from '../catalogue/params.ts';
import type { FieldError } from '../failures.ts';
import type { ExchangeListing } from './exchange-listing.ts';
import type { InstrumentTable } from './instrument-table.ts';
import { ambiguousInstrument, checkShape, unknownInstrument } from './refusals.ts';

/** Which exchange a caller means: exactly spelt first, else the same but for case and punctuation. */
export const resolveExchange = (
  table: InstrumentTable,
  exchange: string,
  field = 'exchange',
): ExchangeListing => {
  checkShape({ [field]: exchange });
  const exact = table.listing(exchange);
  if (exact !== undefined) return exact;
  const alike = table.listingsLike(exchange);
  const [only, ...others] = alike;
  if (only === undefined) {
    throw unknownInstrument(`No exchange "${exchange}" is known`, [
      unknownExchange(table, exchange, field),
    ]);
  }
  if (others.length > 0) {
    throw ambiguousInstrument(
      field,
      `"${exchange}" fits several exchanges`,
      alike.map(({ name }) => name),
    );
  }
  return only;
};

const exchangesMax = 40;

/**
 * Which exchanges a list names: the vendor's spellings, sorted, each once, ready to be joined by commas.
 * @throws Failure naming every unknown one at once.
 */
export const resolveExchanges = (
  table: InstrumentTable,
  list: string | readonly string[],
  field = 'exchange_list',
): readonly string[] => {
  const asked = typeof list === 'string' ? list.split(',') : list;
  if (asked.length > exchangesMax) {
    throw invalidRequest([{ field, message: `must not hold more than ${exchangesMax} exchanges` }]);
  }
  const names = asked.map((name) => name.trim());
  for (const name of names) checkShape({ [field]: name });
  const errors = names
    .filter((name) => table.listing(name) === undefined && table.listingsLike(name).length === 0)
    .map((name) => unknownExchange(table, name, field));
  if (errors.length > 0) {
    throw unknownInstrument(`${field} names exchanges that are not known`, errors);
  }
  const found = names.map((name) => resolveExchange(table, name, field).name);
  return [...new Set(found)].sort(compareText);
};

const unknownExchange = (table: InstrumentTable, exchange: string, field: string): FieldError => ({
  field,
  message: `"${exchange}" is not an exchange of the table`,
  allowed: table.exchanges,
  ...withSuggestions(nearest(exchange, table.exchanges)),
});
