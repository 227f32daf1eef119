import {
  candlesAlong,
  happenedUntil,
  numericString,
  rounded,
  type Candle,
} from '../figures/candles.ts';
import { liquidatedUsd } from '../figures/liquidations.ts';
import {
  fundingPercent,
  openInterestUsd,
  priceUsd,
  ratioOf,
  sumOf,
  weightedMeanOf,
  type Line,
} from '../figures/market.ts';
import type { Instrument } from '../instruments/instrument.ts';
import { listingAt } from '../instruments/listing.ts';
import { required } from './params.ts';
import {
  instrumentOf,
  openTimesOf,
  pairOf,
  rangeOf,
  type Question,
  type RangeQuestion,
} from './questions.ts';

const asText =
  (digits: number) =>
  ({ time, open, high, low, close }: Candle) => ({
    time,
    open: numericString(open, digits),
    high: numericString(high, digits),
    low: numericString(low, digits),
    close: numericString(close, digits),
  });

const fundingWick = (): number => 0.004;
const openInterestWick = (open: number): number => open * 0.01;

/** Contracts of a coin, or none when the symbol is no coin: the vendor then answers success with an empty list. */
const perpetualsOf = (symbol: string, now: number): readonly Instrument[] =>
  listingAt(now)
    .ofCoin(symbol)
    .filter(({ expiresAt }) => expiresAt === undefined);

export function fundingHistory(question: Question): unknown {
  const [exchange, symbol] = pairOf(question);
  const range = rangeOf(question);
  const { now } = question;
  const instrument = instrumentOf(exchange, symbol, now);
  // A dated contract pays no funding.
  if (instrument.expiresAt !== undefined) return [];
  const times = openTimesOf(range, now, instrument.listedAt);
  const label = `funding ${exchange} ${symbol}`;
  return candlesAlong(fundingPercent(instrument), label, times, {
    intervalMs: range.intervalMs,
    now,
    wick: fundingWick,
  }).map(asText(6));
}

export function weightedFundingHistory(question: Question): unknown {
  const symbol = required(question.params, 'symbol');
  const range = rangeOf(question);
  const { now } = question;
  const contracts = perpetualsOf(symbol, now);
  const [first] = contracts;
  if (!first) return [];
  const line = weightedMeanOf(contracts.map(fundingPercent), contracts.map(openInterestUsd));
  const times = openTimesOf(range, now, first.listedAt);
  return candlesAlong(line, `weighted funding ${symbol}`, times, {
    intervalMs: range.intervalMs,
    now,
    wick: fundingWick,
  }).map(asText(6));
}

/** Anything but `coin` is read as `usd`. In coins the field names stay and the meaning changes. */
const inUnit = (line: Line, contract: Instrument, unit: string | undefined): Line =>
  unit === 'coin' ? ratioOf(line, priceUsd(contract.coin)) : line;

function openInterestCandles(
  { now, params }: Question,
  range: RangeQuestion,
  contracts: readonly Instrument[],
  label: string,
): unknown {
  const [first] = contracts;
  if (!first) return [];
  const line = inUnit(sumOf(contracts.map(openInterestUsd)), first, params['unit']);
  const listedAt = Math.min(...contracts.map((each) => each.listedAt));
  const times = openTimesOf(range, now, listedAt);
  return candlesAlong(line, label, times, {
    intervalMs: range.intervalMs,
    now,
    wick: openInterestWick,
  }).map(asText(4));
}

export function openInterestHistory(question: Question): unknown {
  const [exchange, symbol] = pairOf(question);
  const range = rangeOf(question);
  const instrument = instrumentOf(exchange, symbol, question.now);
  return openInterestCandles(question, range, [instrument], `open interest ${exchange} ${symbol}`);
}

export function aggregatedOpenInterestHistory(question: Question): unknown {
  const symbol = required(question.params, 'symbol');
  const range = rangeOf(question);
  const contracts = listingAt(question.now).ofCoin(symbol);
  return openInterestCandles(question, range, contracts, `open interest ${symbol}`);
}

interface LiquidationRow {
  readonly time: number;
  readonly long: number;
  readonly short: number;
}

function liquidationRows(
  now: number,
  range: RangeQuestion,
  contracts: readonly Instrument[],
): LiquidationRow[] {
  if (contracts.length === 0) return [];
  const longs = contracts.map((each) => liquidatedUsd(each, 'long'));
  const shorts = contracts.map((each) => liquidatedUsd(each, 'short'));
  const until = happenedUntil(now);
  const listedAt = Math.min(...contracts.map((each) => each.listedAt));
  return openTimesOf(range, now, listedAt).map((time) => {
    const end = Math.max(time, Math.min(time + range.intervalMs, until));
    const total = (sides: typeof longs): number =>
      sides.reduce((sum, liquidated) => sum + liquidated(time, end), 0);
    return { time, long: total(longs), short: total(shorts) };
  });
}

export function liquidationHistory(question: Question): unknown {
  const [exchange, symbol] = pairOf(question);
  const range = rangeOf(question);
  const instrument = instrumentOf(exchange, symbol, question.now);
  return liquidationRows(question.now, range, [instrument]).map(({ time, long, short }) => ({
    time,
    long_liquidation_usd: numericString(long, 5),
    short_liquidation_usd: numericString(short, 5),
  }));
}

/** Sums the exchanges named in `exchange_list`; one the vendor does not know adds nothing. */
export function aggregatedLiquidationHistory(question: Question): unknown {
  const { params, now } = question;
  const exchanges = new Set(
    required(params, 'exchange_list')
      .split(',')
      .map((name) => name.trim()),
  );
  const symbol = required(params, 'symbol');
  const range = rangeOf(question);
  const contracts = listingAt(now)
    .ofCoin(symbol)
    .filter(({ exchange }) => exchanges.has(exchange));
  return liquidationRows(now, range, contracts).map(({ time, long, short }) => ({
    time,
    aggregated_long_liquidation_usd: rounded(long, 5),
    aggregated_short_liquidation_usd: rounded(short, 5),
  }));
}
