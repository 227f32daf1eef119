import { dayMs, hourMs, intervalMs, minuteMs } from './boundaries.ts';
import { intervals, type Interval } from './ladder.ts';

const unitMs: Readonly<Record<string, number>> = {
  m: minuteMs,
  h: hourMs,
  d: dayMs,
  w: 7 * dayMs,
};

/**
 * Which accepted intervals a caller may have meant by `2h`, `60m`, `1H` or the older spelling `h1`: the
 * one of that length, else those around it. Undefined when the text names no length at all.
 */
export const nearIntervals = (
  text: string,
  accepted: readonly Interval[],
): Interval[] | undefined => {
  const [, before, letter, after] = /^(\d{0,4})([mhdw])(\d{0,4})$/i.exec(text) ?? [];
  const lengthMs = Number(before || after) * (unitMs[letter?.toLowerCase() ?? ''] ?? NaN);
  if (!(lengthMs > 0)) return undefined;
  const finestFirst = intervals.filter((interval) => accepted.includes(interval));
  const exact = finestFirst.filter((interval) => intervalMs[interval] === lengthMs);
  if (exact.length > 0) return exact;
  const below = finestFirst.findLast((interval) => intervalMs[interval] < lengthMs);
  const above = finestFirst.find((interval) => intervalMs[interval] > lengthMs);
  return [below, above].filter((interval) => interval !== undefined);
};
