import { coins } from './coins.ts';
import { quarterlyExpiriesAfter } from './expiries.ts';
import type { Instrument } from './instrument.ts';
import { venues, type Series, type Venue } from './venues.ts';

const halfYearMs = 182 * 86_400_000;

function instrumentsOf(venue: Venue, series: Series, expiries: readonly number[]): Instrument[] {
  return series.coins.flatMap((coin) => {
    const base = venue.thousands?.[coin.name] ?? coin.name;
    const contract = {
      exchange: venue.name,
      coin,
      base,
      quote: series.quote,
      settlement: series.settlement ?? coin.name,
      coinsPerBase: base === coin.name ? 1 : 1000,
      fundingIntervalHours: venue.fundingIntervalHours,
    };
    const share = venue.share * series.weight;
    if (!series.dated) {
      return { ...contract, id: series.id(base, 0), listedAt: coin.listedAt, share };
    }
    return expiries.map((expiresAt) => ({
      ...contract,
      id: series.id(base, expiresAt),
      expiresAt,
      listedAt: expiresAt - halfYearMs,
      share: share / expiries.length,
    }));
  });
}

/** What is listed at one time, found by exchange and id or by coin. */
export interface Listing {
  readonly byExchange: ReadonlyMap<string, readonly Instrument[]>;
  find(exchange: string, id: string): Instrument | undefined;
  ofCoin(coin: string): readonly Instrument[];
}

function listingUntil(expiries: readonly [number, number]): Listing {
  const byExchange = new Map(
    venues.map((venue) => [
      venue.name,
      venue.series.flatMap((series) => instrumentsOf(venue, series, expiries)),
    ]),
  );
  const all = [...byExchange.values()].flat();
  const byPair = new Map(all.map((each) => [`${each.exchange}\n${each.id}`, each]));
  const byCoin = new Map(
    coins.map(({ name }) => [name, all.filter(({ coin }) => coin.name === name)]),
  );
  return {
    byExchange,
    find: (exchange, id) => byPair.get(`${exchange}\n${id}`),
    ofCoin: (coin) => byCoin.get(coin) ?? [],
  };
}

let last: { readonly until: number; readonly listing: Listing } | undefined;

/** The listing at `now`; it changes when a quarterly contract expires and the next one opens. */
export function listingAt(now: number): Listing {
  const expiries = quarterlyExpiriesAfter(now);
  if (last?.until !== expiries[0]) last = { until: expiries[0], listing: listingUntil(expiries) };
  return last.listing;
}
