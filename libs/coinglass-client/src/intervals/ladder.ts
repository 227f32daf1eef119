/** The intervals the vendor accepts, finest first. `2h` stands in a vendor table but in no endpoint's list. */
export const intervals = [
  '1m',
  '3m',
  '5m',
  '15m',
  '30m',
  '1h',
  '4h',
  '6h',
  '8h',
  '12h',
  '1d',
  '1w',
] as const;
export type Interval = (typeof intervals)[number];

export const isInterval = (text: unknown): text is Interval =>
  (intervals as readonly unknown[]).includes(text);

/** Is `interval` finer (shorter) than `floor`? */
export const isFiner = (interval: Interval, floor: Interval): boolean =>
  intervals.indexOf(interval) < intervals.indexOf(floor);

/** The next rung up among the accepted ones, or undefined at the ladder's end. */
export const coarser = (
  interval: Interval,
  accepted: readonly Interval[] = intervals,
): Interval | undefined =>
  intervals.find((rung) => isFiner(interval, rung) && accepted.includes(rung));
