import { compareText, nearest } from '../catalogue/near-miss.ts';
import { withSuggestions } from '../catalogue/params.ts';
import type { Failure } from '../failures.ts';
import type { ExchangeListing } from './exchange-listing.ts';
import type { InstrumentTable } from './instrument-table.ts';
import type { Instrument } from './instrument.ts';
import { unknownInstrument } from './refusals.ts';
import type { Asked } from './resolve-instrument.ts';

/** What to say when no instrument fits: what is wrong, and what would have fitted. */
const proposalsMax = 5;

/** The exchange has the coin, but not against this asset. */
export const noSuchPair = (listing: ExchangeListing, asked: Asked): Failure => {
  const perpetuals = listing.byCoin(asked.coin).filter(({ perpetual }) => perpetual);
  if (perpetuals.length === 0) return onlyDated(listing, asked, listing.byCoin(asked.coin));
  const quotes = [...new Set(perpetuals.map(({ quote }) => quote))].sort(compareText);
  const near = nearest(asked.base, quotes);
  return unknownInstrument(
    `${listing.name} lists ${asked.coin}, but no perpetual of it against ${asked.base}`,
    [
      {
        field: 'base',
        message: `${asked.coin} is not quoted in ${asked.base} on ${listing.name}`,
        allowed: quotes,
        ...withSuggestions(near.length > 0 ? near : quotes.slice(0, proposalsMax)),
      },
    ],
  );
};

/** The exchange does not have the coin under this name; others may, or it may under another. */
export const noSuchCoin = (
  table: InstrumentTable,
  listing: ExchangeListing,
  asked: Asked,
): Failure => {
  const elsewhere = table
    .listings()
    .filter((other) => other.byPair(asked.coin, asked.base).some(({ perpetual }) => perpetual))
    .map(({ name }) => name)
    .sort(compareText);
  const proposals = [
    ...otherNames(listing, asked.coin),
    ...nearest(asked.coin, listing.coins()),
    ...nearest(asked.coin, listing.instrumentIds()),
  ];
  return unknownInstrument(`${listing.name} lists no ${asked.coin}`, [
    {
      field: 'coin',
      message: `"${asked.coin}" is not listed on ${listing.name}`,
      ...withSuggestions([...new Set(proposals)].slice(0, proposalsMax)),
    },
    ...(elsewhere.length > 0
      ? [
          {
            field: 'exchange',
            message: `${asked.coin}/${asked.base} is listed elsewhere`,
            suggestions: elsewhere.slice(0, proposalsMax),
          },
        ]
      : []),
  ]);
};

/** The coin is there, but each contract that might fit expires; which one is the caller's choice. */
export const onlyDated = (
  listing: ExchangeListing,
  asked: Asked,
  dated: readonly Instrument[],
): Failure =>
  unknownInstrument(`${listing.name} lists ${asked.coin} only as dated contracts`, [
    {
      field: 'coin',
      message: 'has no perpetual here; name a dated contract by its id',
      suggestions: dated.slice(0, proposalsMax).map(({ instrumentId }) => instrumentId),
    },
  ]);

/** Cheap coins trade by the thousand, under names of their own: 1000PEPE, kPEPE, SHIB1000. */
const multiples = ['1000', '10000', '100000', '1000000', '1M', 'k'];
/** Old names that some venues keep. */
const aliases: ReadonlyMap<string, string> = new Map([
  ['BTC', 'XBT'],
  ['XBT', 'BTC'],
]);

const otherNames = (listing: ExchangeListing, coin: string): string[] => {
  const alias = aliases.get(coin.toUpperCase());
  return [
    ...multiples.flatMap((multiple) => [`${multiple}${coin}`, `${coin}${multiple}`]),
    ...(alias !== undefined ? [alias] : []),
  ].flatMap((name) => listing.byCoin(name)[0]?.base ?? []);
};
