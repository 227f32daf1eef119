import type { Instrument } from '../instruments/instrument.ts';
import { listingAt } from '../instruments/listing.ts';
import { Refused, refusals } from './envelope.ts';
import { intervalOf, limitOf, optionalNumber, required, type Params } from './params.ts';
import { historyMs, intervalMs, type Interval, type Plan } from './plans.ts';
import { openTimes } from './range.ts';

/** What an endpoint is asked: by whom (plan), when, and with which parameters. */
export interface Question {
  readonly params: Params;
  readonly plan: Plan;
  /** Epoch ms. */
  readonly now: number;
}

/** The parameters of every history endpoint, read before anything is looked up. */
export interface RangeQuestion {
  readonly interval: Interval;
  readonly intervalMs: number;
  readonly limit: number;
  readonly startMs: number | undefined;
  readonly endMs: number | undefined;
  readonly historyMs: number;
}

/** @throws {Refused} for a missing, unknown or (by plan) refused interval, and for numbers that are none. */
export function rangeOf({ params, plan }: Question): RangeQuestion {
  const interval = intervalOf(params);
  const limit = limitOf(params);
  const startMs = optionalNumber(params, 'start_time');
  const endMs = optionalNumber(params, 'end_time');
  const history = historyMs(plan, interval);
  if (history === null) throw new Refused(refusals.intervalTooFine);
  return {
    interval,
    intervalMs: intervalMs(interval),
    limit,
    startMs,
    endMs,
    historyMs: history,
  };
}

/** The candles of a range that the plan and the listing date leave. */
export const openTimesOf = (range: RangeQuestion, now: number, listedAt: number): number[] =>
  openTimes(range, { now, earliestMs: Math.max(now - range.historyMs, listedAt) });

/** @throws {Refused} when `exchange` and `symbol` name no contract, exactly as spelled in the pairs list. */
export function instrumentOf(exchange: string, symbol: string, now: number): Instrument {
  const found = listingAt(now).find(exchange, symbol);
  if (!found) throw new Refused(refusals.noSuchPair);
  return found;
}

/** Both parameters of a pair endpoint. */
export const pairOf = ({ params }: Question): readonly [exchange: string, symbol: string] => [
  required(params, 'exchange'),
  required(params, 'symbol'),
];
