import {
  dayMs,
  hasKnownBoundaries,
  hourMs,
  intervalMs,
  minuteMs,
  openingAtOrAfter,
  runningCandleCloses,
} from '../intervals/boundaries.ts';
import { isInterval, type Interval } from '../intervals/ladder.ts';
import type { Endpoint } from './endpoint.ts';

/**
 * How long an answer may be served: fresh without asking again, stale while asking again or when the
 * vendor fails. A pure function of the question and the moment of the answer; who keeps it is the store's business.
 */
export interface Freshness {
  /** Epoch ms. */
  readonly freshUntil: number;
  /** Epoch ms, never before `freshUntil`. */
  readonly staleUntil: number;
}

/** The vendor states no cadence for histories. */
const openRangeFreshMs = minuteMs;
const emptyFreshMs = 15_000;
/** A candle that closed a moment ago may still be corrected. */
const closingGraceMs = minuteMs;
const closedRangeMs = 7 * dayMs;

export const freshness = (
  endpoint: Endpoint,
  params: Readonly<Record<string, string>>,
  fetchedAt: number,
  { empty }: { readonly empty: boolean },
): Freshness => {
  const rule = endpoint.freshness;
  const found =
    rule.kind === 'list'
      ? { freshUntil: fetchedAt + rule.freshForMs, staleUntil: fetchedAt + rule.staleForMs }
      : candleFreshness(params, fetchedAt, empty);
  return empty
    ? { ...found, freshUntil: Math.min(found.freshUntil, fetchedAt + emptyFreshMs) }
    : found;
};

const candleFreshness = (
  params: Readonly<Record<string, string>>,
  fetchedAt: number,
  empty: boolean,
): Freshness => {
  const interval = isInterval(params.interval) ? params.interval : undefined;
  const closes = interval && lastClose(params, interval);
  // An empty closed range may be a candle that came late, so it is never kept as final.
  if (!empty && closes !== undefined && closes + closingGraceMs <= fetchedAt) {
    const until = fetchedAt + closedRangeMs;
    return { freshUntil: until, staleUntil: until };
  }
  const candleEnds = interval && runningCandleCloses(fetchedAt, interval);
  return {
    freshUntil: Math.min(fetchedAt + openRangeFreshMs, candleEnds ?? Infinity),
    staleUntil: fetchedAt + staleForMs(interval),
  };
};

/** Epoch ms at which the last candle of the range closes; undefined when the range is open. */
const lastClose = (
  params: Readonly<Record<string, string>>,
  interval: Interval,
): number | undefined => {
  const { start_time: start, end_time: end, limit } = params;
  const lengthMs = intervalMs[interval];
  const opening = (time: string) => openingAtOrAfter(Number(time), interval);
  // Where openings are unknown, the last candle may reach almost one length past the range.
  const slackMs = hasKnownBoundaries(interval) ? 0 : lengthMs;
  if (end !== undefined) return opening(end) + slackMs;
  if (start !== undefined) return opening(start) + Number(limit ?? 1000) * lengthMs + slackMs;
  return undefined;
};

const staleForMs = (interval: Interval | undefined): number => {
  if (interval === undefined || intervalMs[interval] < hourMs) return 15 * minuteMs;
  return intervalMs[interval] < dayMs ? 6 * hourMs : 48 * hourMs;
};
