/** One coin: where its invented figures hover. The orders of magnitude are plausible, the figures are not quotes. */
export interface Coin {
  readonly name: string;
  readonly priceUsd: number;
  /** Open interest over all exchanges. */
  readonly openInterestUsd: number;
  /** When its first perpetual opened: no candle is older. Epoch ms. */
  readonly listedAt: number;
}

const coin = (
  name: string,
  priceUsd: number,
  openInterestMillions: number,
  listed: string,
): Coin => ({
  name,
  priceUsd,
  openInterestUsd: openInterestMillions * 1e6,
  listedAt: Date.parse(listed),
});

export const coins: readonly Coin[] = [
  coin('BTC', 91_000, 62_000, '2019-09-08'),
  coin('ETH', 3_300, 31_000, '2019-11-27'),
  coin('SOL', 165, 9_200, '2020-09-14'),
  coin('XRP', 2.3, 4_800, '2020-01-06'),
  coin('DOGE', 0.19, 2_300, '2020-07-10'),
  coin('BNB', 870, 1_600, '2020-02-10'),
  coin('HYPE', 36, 1_500, '2024-11-29'),
  coin('ADA', 0.58, 900, '2020-01-31'),
  coin('SUI', 2.1, 1_000, '2023-05-03'),
  coin('LINK', 15.2, 800, '2020-01-17'),
  coin('AVAX', 17.5, 520, '2020-09-23'),
  coin('LTC', 96, 480, '2020-01-09'),
  coin('BCH', 510, 430, '2019-12-19'),
  coin('TRX', 0.29, 310, '2020-01-15'),
  coin('TON', 1.9, 180, '2024-03-14'),
  coin('DOT', 2.7, 260, '2020-08-22'),
  coin('NEAR', 2.4, 240, '2020-10-15'),
  coin('APT', 3.1, 190, '2022-10-19'),
  coin('ARB', 0.26, 210, '2023-03-23'),
  coin('OP', 0.38, 150, '2022-06-01'),
  coin('SEI', 0.16, 90, '2023-08-15'),
  coin('UNI', 7.1, 330, '2020-09-18'),
  coin('AAVE', 185, 310, '2020-10-16'),
  coin('ATOM', 2.9, 120, '2020-02-07'),
  coin('FIL', 2.0, 170, '2020-10-16'),
  coin('ETC', 15.1, 160, '2020-01-16'),
  coin('WIF', 0.44, 140, '2024-01-18'),
  coin('PEPE', 0.0000052, 420, '2023-05-05'),
  coin('SHIB', 0.0000091, 190, '2021-05-10'),
  coin('BONK', 0.0000118, 130, '2023-11-22'),
];

const byName = new Map(coins.map((each) => [each.name, each]));

export const coinNamed = (name: string): Coin | undefined => byName.get(name);
