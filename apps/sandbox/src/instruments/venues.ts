import { coinNamed, coins, type Coin } from './coins.ts';
import { monthCode, sixDigits } from './expiries.ts';

/** How an exchange spells the id of a contract; `expiry` (epoch ms) matters to dated ones only. */
export type Spelling = (base: string, expiry: number) => string;

/** One series of contracts of an exchange. */
export interface Series {
  readonly coins: readonly Coin[];
  readonly id: Spelling;
  readonly quote: string;
  /** Absent for contracts margined in the coin itself. */
  readonly settlement?: string;
  readonly dated?: true;
  /** Its part of the exchange's open interest. */
  readonly weight: number;
}

export interface Venue {
  readonly name: string;
  /** Its part of a coin's open interest. */
  readonly share: number;
  readonly fundingIntervalHours: number;
  /** Coins whose contract is on a thousand: how the exchange then spells the base. */
  readonly thousands?: Readonly<Record<string, string>>;
  readonly series: readonly Series[];
}

const linear = (
  quote: string,
  weight: number,
  id: Spelling,
  of = coins,
  settlement = quote,
): Series => ({ coins: of, id, quote, settlement, weight });
const inverse = (weight: number, id: Spelling, of: readonly Coin[]): Series => ({
  coins: of,
  id,
  quote: 'USD',
  weight,
});
const dated = (series: Series): Series => ({ ...series, dated: true });

const named = (...names: string[]): Coin[] => names.flatMap((name) => coinNamed(name) ?? []);
const without = (...names: string[]): Coin[] => coins.filter(({ name }) => !names.includes(name));
const bitcoin = named('BTC');
const majors = named('BTC', 'ETH');
const large = named('BTC', 'ETH', 'SOL', 'XRP', 'DOGE');
const coinMargined = [...large, ...named('ADA', 'LINK', 'LTC')];
const xbt = (base: string): string => (base === 'BTC' ? 'XBT' : base);

/**
 * The exchanges and their id forms, spelled as the vendor spells exchanges. Deliberate oddities, because a resolver
 * must live with them: dated contracts share base and quote with perpetuals (Binance, OKX, Bybit, Deribit, Kraken),
 * linear and inverse perpetuals share base and quote (Kraken), one coin stands under two living ids (XRP on Bitget),
 * BTC is XBT inside an id only (Kraken, KuCoin, Bitmex), and small coins trade by the thousand (1000PEPE, SHIB1000, kPEPE).
 */
export const venues: readonly Venue[] = [
  {
    name: 'Binance',
    share: 0.3,
    fundingIntervalHours: 8,
    thousands: { PEPE: '1000PEPE', SHIB: '1000SHIB', BONK: '1000BONK' },
    series: [
      linear('USDT', 0.78, (base) => `${base}USDT`),
      linear('USDC', 0.05, (base) => `${base}USDC`, [...large, ...named('PEPE')]),
      inverse(0.12, (base) => `${base}USD_PERP`, coinMargined),
      dated(linear('USDT', 0.01, (base, expiry) => `${base}USDT_${sixDigits(expiry)}`, majors)),
      dated(inverse(0.015, (base, expiry) => `${base}USD_${sixDigits(expiry)}`, majors)),
    ],
  },
  {
    name: 'OKX',
    share: 0.12,
    fundingIntervalHours: 8,
    series: [
      linear('USDT', 0.7, (base) => `${base}-USDT-SWAP`),
      inverse(0.2, (base) => `${base}-USD-SWAP`, coinMargined),
      dated(linear('USDT', 0.02, (base, expiry) => `${base}-USDT-${sixDigits(expiry)}`, majors)),
      dated(inverse(0.03, (base, expiry) => `${base}-USD-${sixDigits(expiry)}`, majors)),
    ],
  },
  {
    name: 'Bybit',
    share: 0.17,
    fundingIntervalHours: 8,
    thousands: { PEPE: '1000PEPE', SHIB: 'SHIB1000', BONK: '1000BONK' },
    series: [
      linear('USDT', 0.82, (base) => `${base}USDT`),
      linear('USDC', 0.05, (base) => `${base}PERP`, named('BTC', 'ETH', 'SOL')),
      inverse(0.1, (base) => `${base}USD`, coinMargined),
      dated(linear('USDT', 0.01, (base, expiry) => `${base}USDT-${monthCode(expiry)}`, majors)),
    ],
  },
  {
    name: 'Gate',
    share: 0.1,
    fundingIntervalHours: 8,
    series: [
      linear('USDT', 0.95, (base) => `${base}_USDT`),
      inverse(0.05, (base) => `${base}_USD`, bitcoin),
    ],
  },
  {
    name: 'Bitget',
    share: 0.11,
    fundingIntervalHours: 8,
    series: [
      linear('USDT', 0.85, (base) => `${base}USDT_UMCBL`, without('HYPE')),
      linear('USDT', 0.1, (base) => `${base}USDT`, named('XRP')),
      inverse(0.05, (base) => `${base}USD_DMCBL`, majors),
    ],
  },
  {
    name: 'Hyperliquid',
    share: 0.1,
    fundingIntervalHours: 1,
    thousands: { PEPE: 'kPEPE', SHIB: 'kSHIB', BONK: 'kBONK' },
    series: [linear('USD', 1, (base) => base, coins, 'USDC')],
  },
  {
    name: 'Deribit',
    share: 0.03,
    fundingIntervalHours: 8,
    series: [
      inverse(0.8, (base) => `${base}-PERPETUAL`, majors),
      linear('USDC', 0.1, (base) => `${base}_USDC-PERPETUAL`, large),
      dated(inverse(0.05, (base, expiry) => `${base}-${monthCode(expiry)}`, majors)),
    ],
  },
  {
    name: 'Kraken',
    share: 0.02,
    fundingIntervalHours: 1,
    series: [
      linear('USD', 0.8, (base) => `PF_${xbt(base)}USD`, without('HYPE', 'SEI', 'TON')),
      inverse(0.15, (base) => `PI_${xbt(base)}USD`, named('BTC', 'ETH', 'XRP', 'LTC', 'BCH')),
      dated(inverse(0.02, (base, expiry) => `FI_${xbt(base)}USD_${sixDigits(expiry)}`, majors)),
    ],
  },
  {
    name: 'KuCoin',
    share: 0.02,
    fundingIntervalHours: 8,
    series: [
      linear('USDT', 0.9, (base) => `${xbt(base)}USDTM`),
      inverse(0.1, (base) => `${xbt(base)}USDM`, majors),
    ],
  },
  {
    name: 'dYdX',
    share: 0.01,
    fundingIntervalHours: 1,
    series: [linear('USD', 1, (base) => `${base}-USD`, without('HYPE', 'BONK', 'WIF'), 'USDC')],
  },
  {
    name: 'Bitmex',
    share: 0.02,
    fundingIntervalHours: 8,
    series: [
      inverse(0.6, (base) => `${xbt(base)}USD`, majors),
      linear('USDT', 0.4, (base) => `${xbt(base)}USDT`, large),
    ],
  },
];
