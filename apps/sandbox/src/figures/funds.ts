/** The spot Bitcoin funds whose invented flows the sandbox tells. Names and tickers are real, no figure is. */
export interface Fund {
  readonly ticker: string;
  readonly name: string;
  readonly exchange: string;
  readonly cik: string;
  readonly feePercent: string;
  readonly listedAt: number;
  readonly btcHolding: number;
}

const fund = (
  ticker: string,
  name: string,
  exchange: string,
  cik: string,
  feePercent: string,
  btcHolding: number,
  listed = '2024-01-11',
): Fund => ({ ticker, name, exchange, cik, feePercent, btcHolding, listedAt: Date.parse(listed) });

export const funds: readonly Fund[] = [
  fund('GBTC', 'Grayscale Bitcoin Trust ETF', 'ARCX', '0001588489', '1.5', 172_000),
  fund('IBIT', 'iShares Bitcoin Trust ETF', 'XNAS', '0001980994', '0.25', 770_000),
  fund('FBTC', 'Fidelity Wise Origin Bitcoin Fund', 'BATS', '0001852317', '0.25', 201_000),
  fund('ARKB', 'ARK 21Shares Bitcoin ETF', 'BATS', '0001869699', '0.21', 42_000),
  fund('BITB', 'Bitwise Bitcoin ETF Trust', 'ARCX', '0001763415', '0.2', 40_000),
  fund('BTCO', 'Invesco Galaxy Bitcoin ETF', 'BATS', '0001855781', '0.25', 5_600),
  fund('HODL', 'VanEck Bitcoin ETF', 'BATS', '0001838028', '0.2', 17_000),
  fund('BRRR', 'Coinshares Bitcoin ETF', 'XNAS', '0001841175', '0.25', 5_900),
  fund('EZBC', 'Franklin Bitcoin ETF', 'BATS', '0001992870', '0.19', 5_500),
  fund('BTCW', 'WisdomTree Bitcoin Fund', 'BATS', '0001850391', '0.25', 1_500),
  fund(
    'BTC',
    'Grayscale Bitcoin Mini Trust ETF',
    'ARCX',
    '0002015034',
    '0.15',
    50_000,
    '2024-07-31',
  ),
];
