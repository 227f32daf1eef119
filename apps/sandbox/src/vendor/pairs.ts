import { priceUsd } from '../figures/market.ts';
import type { Instrument } from '../instruments/instrument.ts';
import { listingAt } from '../instruments/listing.ts';
import { spotPairs } from '../instruments/spot.ts';
import type { Question } from './questions.ts';

/** A power of ten, about a hundred-thousandth of the price. */
const tickSize = ({ coin, coinsPerBase }: Instrument): number =>
  Number(`1e${Math.floor(Math.log10(priceUsd(coin)(coin.listedAt) * coinsPerBase)) - 5}`);

/** A dated contract carries the three members that every item has; perpetuals carry the newer ones, too. */
const listed = (instrument: Instrument) => ({
  instrument_id: instrument.id,
  base_asset: instrument.base,
  quote_asset: instrument.quote,
  ...(instrument.expiresAt === undefined && {
    settlement_currency: instrument.settlement,
    max_leverage: ['BTC', 'ETH'].includes(instrument.coin.name) ? 100 : 50,
    funding_interval: instrument.fundingIntervalHours,
    price_tick_size: tickSize(instrument),
    onboard_date: instrument.listedAt,
  }),
});

/** An object keyed by exchange; one exchange of it, or nothing, when `exchange` is given. */
export const futuresPairs = ({ params, now }: Question): unknown =>
  Object.fromEntries(
    [...listingAt(now).byExchange]
      .filter(([exchange]) => !params['exchange'] || exchange === params['exchange'])
      .map(([exchange, instruments]) => [exchange, instruments.map(listed)]),
  );

/** Always everything: the endpoint has no parameter. */
export const allSpotPairs = (): unknown => spotPairs;
