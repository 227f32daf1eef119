import { intervalMs, openingAtOrAfter } from '../intervals/boundaries.ts';
import { isInterval, type Interval } from '../intervals/ladder.ts';
import type { Endpoint } from './endpoint.ts';
import { historyDepthMs, type Plan } from './plans.ts';

/**
 * What an answer says about itself: which rows are not final yet, which time it covers, how many rows.
 * Read from the house rendition, decided by the clock and never by a row's position.
 */
export interface RowFacts {
  /** Rows in the answer; for maps and pages, the items of their lists. */
  readonly count: number;
  /** Epoch ms of the first row that was still running when the answer came; it and later ones may change. */
  readonly openFrom?: number;
  /** Absent for answers that are no series, and for empty ones unless the plan cut them. */
  readonly coverage?: Coverage;
}

export interface Coverage {
  /** First row's opening, epoch ms. */
  readonly from: number;
  /** Last row's close, epoch ms, exclusive. */
  readonly to: number;
  /** The asked start lies before what the plan may see, and the vendor cut it silently. */
  readonly clipped: boolean;
}

type Params = Readonly<Record<string, string>>;

export const rowFacts = (
  endpoint: Endpoint,
  params: Params,
  data: unknown,
  fetchedAt: number,
  plan: Plan,
): RowFacts => {
  const count = countRows(data);
  const interval = isInterval(params.interval) ? params.interval : endpoint.rowInterval;
  if (endpoint.timeField === undefined || interval === undefined) return { count };
  const times = timesOf(data, endpoint.timeField);
  const clippedTo = clippedStart(params, plan, fetchedAt);
  if (times.length === 0) {
    return clippedTo === undefined
      ? { count }
      : { count, coverage: { from: clippedTo, to: clippedTo, clipped: true } };
  }
  const openFrom = firstOpen(times, interval, fetchedAt);
  return {
    count,
    ...(openFrom !== undefined && { openFrom }),
    coverage: {
      from: smallest(times),
      to: largest(times) + intervalMs[interval],
      clipped: clippedTo !== undefined,
    },
  };
};

/**
 * Epoch ms of the earliest candle the plan may see, when the asked start lies before it; otherwise
 * undefined. Told before spending, so that a strict caller can be refused.
 */
export const clippedStart = (params: Params, plan: Plan, now: number): number | undefined => {
  const { start_time: start, interval } = params;
  if (start === undefined || !isInterval(interval)) return undefined;
  const earliest = now - historyDepthMs(plan, interval);
  return openingAtOrAfter(Number(start), interval) < earliest
    ? openingAtOrAfter(earliest, interval)
    : undefined;
};

const firstOpen = (
  times: readonly number[],
  interval: Interval,
  fetchedAt: number,
): number | undefined => {
  const running = times.filter((time) => time + intervalMs[interval] > fetchedAt);
  return running.length > 0 ? smallest(running) : undefined;
};

const timesOf = (data: unknown, field: string): number[] =>
  Array.isArray(data)
    ? data
        .map((row: unknown) => (isRecord(row) ? row[field] : undefined))
        .filter((time) => typeof time === 'number')
    : [];

const countRows = (data: unknown): number => {
  if (Array.isArray(data)) return data.length;
  if (!isRecord(data)) return 0;
  return Object.values(data).reduce<number>(
    (sum, part) => sum + (Array.isArray(part) ? part.length : 0),
    0,
  );
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const smallest = (times: readonly number[]): number =>
  times.reduce((least, time) => Math.min(least, time));
const largest = (times: readonly number[]): number =>
  times.reduce((most, time) => Math.max(most, time));
