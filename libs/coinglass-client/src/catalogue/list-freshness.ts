import { hourMs, minuteMs } from '../intervals/boundaries.ts';

/** How long answers that are not candles may be served. The vendor states a cadence for few of them. */
export const instrumentFreshness = {
  kind: 'list',
  freshForMs: minuteMs,
  staleForMs: 24 * hourMs,
} as const;

export const realtimeFreshness = {
  kind: 'list',
  freshForMs: 10_000,
  staleForMs: minuteMs,
} as const;

export const etfFreshness = {
  kind: 'list',
  freshForMs: 10 * minuteMs,
  staleForMs: 48 * hourMs,
} as const;
