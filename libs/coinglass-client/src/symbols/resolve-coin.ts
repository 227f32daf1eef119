import { nearest } from '../catalogue/near-miss.ts';
import { withSuggestions } from '../catalogue/params.ts';
import type { InstrumentTable } from './instrument-table.ts';
import { checkShape, unknownInstrument } from './refusals.ts';

/**
 * The coin a caller means, in the vendor's spelling. A pair is refused with its coin proposed: to a coin
 * endpoint the vendor answers a pair with success and no rows.
 * @throws Failure `invalid-request` or `unknown-instrument`.
 */
export const resolveCoin = (table: InstrumentTable, coin: string, field = 'coin'): string => {
  checkShape({ [field]: coin });
  const known = table.coin(coin);
  if (known !== undefined) return known;
  const ofPair = coinsOfPair(table, coin);
  const isPair = ofPair.length > 0;
  throw unknownInstrument(
    isPair ? `"${coin}" is an instrument, this needs a coin` : `No coin "${coin}" is known`,
    [
      {
        field,
        message: isPair ? 'must be a coin, not a pair' : `"${coin}" is not a coin of the table`,
        ...withSuggestions(isPair ? ofPair : nearest(coin, table.coins(), 5)),
      },
    ],
  );
};

const coinsOfPair = (table: InstrumentTable, id: string): string[] => {
  const bases = table
    .listings()
    .flatMap((listing) => listing.byIdInAnyCase(id).map(({ base }) => base));
  return [...new Set(bases)].slice(0, 5);
};
