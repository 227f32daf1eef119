import { coins } from '../instruments/coins.ts';
import { listingAt } from '../instruments/listing.ts';
import { numericString } from '../figures/candles.ts';
import { priceUsd } from '../figures/market.ts';
import { chance, seedOf } from '../figures/noise.ts';

/** One liquidation order, named by neither of the vendor's two generations of field names. */
export interface LiquidationOrder {
  readonly exchange: string;
  readonly symbol: string;
  readonly base: string;
  readonly price: number;
  /** 1 = a long was liquidated, 2 = a short. */
  readonly side: 1 | 2;
  readonly volumeUsd: number;
  /** Epoch ms. */
  readonly time: number;
}

const [exchangeSeed, coinSeed, sideSeed, volumeSeed] = ['exchange', 'coin', 'side', 'volume'].map(
  (what) => seedOf(`order ${what}`),
) as [number, number, number, number];

const pick = <T>(items: readonly T[], seed: number, index: number): T | undefined =>
  items[Math.floor(chance(seed, index) * items.length)];

/** The one to three orders of one second (epoch seconds); the same whoever asks. */
export function ordersOf(second: number): LiquidationOrder[] {
  const count = 1 + Math.floor(chance(seedOf('orders'), second) * 3);
  return Array.from({ length: count }, (_, at) => second * 4 + at).flatMap((index, at) => {
    const time = second * 1000 + at * 250;
    const coin = pick(coins, coinSeed, index);
    const contract = pick(
      listingAt(time)
        .ofCoin(coin?.name ?? '')
        .filter(({ expiresAt }) => expiresAt === undefined),
      exchangeSeed,
      index,
    );
    if (!coin || !contract) return [];
    return {
      exchange: contract.exchange,
      symbol: contract.id,
      base: contract.base,
      price: Number(numericString(priceUsd(coin)(time) * contract.coinsPerBase, 8)),
      side: chance(sideSeed, index) < 0.5 ? 1 : 2,
      volumeUsd: Number(numericString(500 + 200_000 * chance(volumeSeed, index) ** 6, 4)),
      time,
    };
  });
}

/** Channel name -> the fields of its generation; the vendor's pages show both and nobody has shown which one lives. */
export const orderChannels: Readonly<Record<string, (order: LiquidationOrder) => unknown>> = {
  liquidationOrders: ({ base, exchange, price, side, symbol, time, volumeUsd }) => ({
    baseAsset: base,
    exName: exchange,
    price,
    side,
    symbol,
    time,
    volUsd: volumeUsd,
  }),
  liquidation_orders: ({ base, exchange, price, side, symbol, time, volumeUsd }) => ({
    base_asset: base,
    exchange,
    price,
    side,
    symbol,
    time,
    volume_usd: volumeUsd,
  }),
};
