import type { Coin } from '../instruments/coins.ts';
import { rounded } from './candles.ts';
import { priceUsd } from './market.ts';
import { chance, seedOf } from './noise.ts';

const dayMs = 86_400_000;
export const positionsPerPage = 20;

const walletOf = (label: string): string => {
  const seed = seedOf(label);
  const words = [0, 1, 2, 3, 4].map((word) =>
    Math.floor(chance(seed, word) * 2 ** 32)
      .toString(16)
      .padStart(8, '0'),
  );
  return `0x${words.join('')}`;
};

/** How many wallets hold the coin; constant, so that pages do not move under a walk through them. */
const countOf = (coin: Coin): number =>
  23 + Math.floor(90 * chance(seedOf(`holders ${coin.name}`), 0));

function position(coin: Coin, index: number, now: number) {
  const price = priceUsd(coin);
  const draw = (what: string): number => chance(seedOf(`${what} ${coin.name}`), index);
  const minute = Math.floor(now / 60_000) * 60_000;
  const createdAt = Math.floor(minute / dayMs) * dayMs - (1 + Math.floor(60 * draw('age'))) * dayMs;
  const side = draw('side') < 0.55 ? 1 : -1;
  const leverage = 1 + Math.floor(39 * draw('leverage') ** 2);
  const entry = price(createdAt);
  const mark = price(minute);
  const sizeUsd = coin.openInterestUsd * 0.0004 * (0.05 + draw('size') ** 4);
  const size = (side * sizeUsd) / coin.priceUsd;
  const value = Math.abs(size) * mark;
  // Beyond both prices, or the position would not be there any more.
  const liquidation =
    side > 0
      ? Math.min(entry, mark) * (1 - 0.8 / leverage)
      : Math.max(entry, mark) * (1 + 0.8 / leverage);
  return {
    user: walletOf(`${coin.name} ${index}`),
    symbol: coin.name,
    position_size: rounded(size, 5),
    entry_price: rounded(entry, 8),
    mark_price: rounded(mark, 8),
    // The vendor is said to send null where nothing can be liquidated, as with an unlevered long.
    liq_price: leverage === 1 && side > 0 ? null : rounded(liquidation, 8),
    leverage,
    margin_balance: rounded(value / leverage, 6),
    position_value_usd: rounded(value, 6),
    unrealized_pnl: rounded(size * (mark - entry), 6),
    funding_fee: rounded((draw('fee') - 0.5) * value * 0.002, 6),
    margin_mode: draw('mode') < 0.8 ? 'cross' : 'isolated',
    create_time: createdAt,
    update_time: minute,
  };
}

/** Page `page` (from 1) of the wallets with the largest positions; past the last page the list is empty. */
export function positionsPage(coin: Coin | undefined, page: number, now: number): unknown {
  const count = coin ? countOf(coin) : 0;
  const all = coin ? Array.from({ length: count }, (_, index) => position(coin, index, now)) : [];
  all.sort((one, other) => other.position_value_usd - one.position_value_usd);
  return {
    total_pages: Math.ceil(count / positionsPerPage),
    current_page: page,
    list: all.slice((page - 1) * positionsPerPage, page * positionsPerPage),
  };
}
