import type { Interval } from './ladder.ts';

/**
 * How long candles are and where they begin. All but `1w` begin at multiples of their length since
 * the epoch, in UTC; on which weekday the vendor's weeks begin is not published, so nothing here guesses it.
 */
export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

export const intervalMs: Readonly<Record<Interval, number>> = {
  '1m': minuteMs,
  '3m': 3 * minuteMs,
  '5m': 5 * minuteMs,
  '15m': 15 * minuteMs,
  '30m': 30 * minuteMs,
  '1h': hourMs,
  '4h': 4 * hourMs,
  '6h': 6 * hourMs,
  '8h': 8 * hourMs,
  '12h': 12 * hourMs,
  '1d': dayMs,
  '1w': 7 * dayMs,
};

/** Do we know when this interval's candles open? */
export const hasKnownBoundaries = (interval: Interval): boolean => interval !== '1w';

/** Epoch ms of the first candle opening at or after `atMs`; `atMs` itself where boundaries are unknown. */
export const openingAtOrAfter = (atMs: number, interval: Interval): number => {
  if (!hasKnownBoundaries(interval)) return atMs;
  const lengthMs = intervalMs[interval];
  return Math.ceil(atMs / lengthMs) * lengthMs;
};

/** Epoch ms at which the candle that runs at `atMs` closes; undefined where boundaries are unknown. */
export const runningCandleCloses = (atMs: number, interval: Interval): number | undefined => {
  if (!hasKnownBoundaries(interval)) return undefined;
  const lengthMs = intervalMs[interval];
  return (Math.floor(atMs / lengthMs) + 1) * lengthMs;
};
