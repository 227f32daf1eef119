import { z } from 'zod';

/** The vendor's intervals, finest first, as coinglass-client has them; a spec of the fetcher holds the two together. */
export const flagIntervals = [
  ...['1m', '3m', '5m', '15m', '30m'],
  ...['1h', '4h', '6h', '8h', '12h', '1d', '1w'],
];

/** Refused interval -> the coarser one at which to go on. */
export const intervalMap = z.record(z.string(), z.string()).superRefine((map, context) => {
  for (const [from, to] of Object.entries(map)) {
    const at = flagIntervals.indexOf(from);
    const coarser = flagIntervals.slice(at + 1);
    const message =
      at < 0
        ? `is no interval; known: ${flagIntervals.join(', ')}`
        : `${JSON.stringify(to)} is not coarser; coarser: ${coarser.join(', ') || 'none'}`;
    if (at < 0 || !coarser.includes(to))
      context.addIssue({ code: 'custom', path: [from], message });
  }
});
