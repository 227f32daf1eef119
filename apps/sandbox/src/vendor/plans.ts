/** What each plan may read. The figures are the vendor's published table of interval and history length. */
export const plans = ['hobbyist', 'startup', 'standard', 'professional', 'enterprise'] as const;
export type Plan = (typeof plans)[number];

export const includes = (plan: Plan, least: Plan): boolean =>
  plans.indexOf(plan) >= plans.indexOf(least);

const minuteMs = 60_000;
const dayMs = 1440 * minuteMs;
const all = Infinity;
const no = null;

/** Days of history by plan, hobbyist to professional; `null` = the interval is refused. Enterprise is custom: everything. */
const table = {
  '1m': { minutes: 1, days: [no, no, 6, 12] },
  '3m': { minutes: 3, days: [no, no, 20, 40] },
  '5m': { minutes: 5, days: [no, no, 30, 60] },
  '15m': { minutes: 15, days: [no, no, 90, 180] },
  '30m': { minutes: 30, days: [no, 90, 180, 360] },
  '1h': { minutes: 60, days: [no, 180, 360, 720] },
  '4h': { minutes: 240, days: [180, 180, 360, 720] },
  '6h': { minutes: 360, days: [360, 360, 360, 720] },
  '8h': { minutes: 480, days: [360, 360, 360, 720] },
  '12h': { minutes: 720, days: [360, 360, 360, 720] },
  '1d': { minutes: 1440, days: [all, all, all, all] },
  // Accepted by the endpoints but absent from the vendor's table; taken to be as 1d.
  '1w': { minutes: 10_080, days: [all, all, all, all] },
} as const;

export type Interval = keyof typeof table;
export const intervals = Object.keys(table) as Interval[];
export const isInterval = (text: string): text is Interval => Object.hasOwn(table, text);
export const intervalMs = (interval: Interval): number => table[interval].minutes * minuteMs;

/** How far back the plan sees at this interval; `null` when it does not have the interval at all. */
export function historyMs(plan: Plan, interval: Interval): number | null {
  const days = plan === 'enterprise' ? all : table[interval].days[plans.indexOf(plan)];
  return days == null ? null : days * dayMs;
}
