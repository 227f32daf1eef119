import { intervalMs, type Interval } from './plans.ts';

export const limitMax = 1000;

/** Which candles are asked for. Times in epoch ms. */
export interface RangeAsk {
  readonly interval: Interval;
  /** 1 to 1000. */
  readonly limit: number;
  readonly startMs?: number | undefined;
  readonly endMs?: number | undefined;
}

const mondayMs = 4 * 86_400_000;
const wholeSecond = (timeMs: number): number => Math.floor(timeMs / 1000) * 1000;

/** The first boundary at or after `timeMs`. Boundaries count from midnight UTC; weeks begin on Monday. */
export function alignUp(timeMs: number, interval: Interval): number {
  const step = intervalMs(interval);
  const offset = interval === '1w' ? mondayMs : 0;
  return Math.ceil((timeMs - offset) / step) * step + offset;
}

/**
 * The open times an ask selects, oldest first: start inclusive, end exclusive, an unaligned start moves up, a future end
 * is `now`, nothing before `earliestMs` (silently). With a start the rows count from it, without one back from the end.
 */
export function openTimes(
  { interval, limit, startMs, endMs }: RangeAsk,
  { now, earliestMs }: { readonly now: number; readonly earliestMs: number },
): number[] {
  const step = intervalMs(interval);
  const first = alignUp(
    Math.max(startMs === undefined ? -Infinity : wholeSecond(startMs), earliestMs),
    interval,
  );
  const end = Math.min(endMs === undefined ? Infinity : wholeSecond(endMs), now);
  const last = alignUp(end, interval) - step;
  const count = Math.floor((last - first) / step) + 1;
  if (!(count > 0)) return [];
  const rows = Math.min(count, limit);
  const from = startMs === undefined ? last - (rows - 1) * step : first;
  return Array.from({ length: rows }, (_, at) => from + at * step);
}
