/** The most arrivals in any window of this length, wherever it begins. A window holds its beginning, not its end. */
export const maxInSlidingWindow = (arrivals: readonly number[], windowMs: number): number => {
  const times = [...arrivals].sort((one, other) => one - other);
  let from = 0;
  let most = 0;
  for (const [index, time] of times.entries()) {
    while (times[from]! <= time - windowMs) from += 1;
    most = Math.max(most, index - from + 1);
  }
  return most;
};

/** The most arrivals in any window that begins at a multiple of its length, as a clock minute does. */
export const maxInAlignedWindow = (arrivals: readonly number[], windowMs: number): number => {
  const counts = new Map<number, number>();
  for (const time of arrivals) {
    const window = Math.floor(time / windowMs);
    counts.set(window, (counts.get(window) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
};

/** How much of a limit was used while it was wanted: arrivals over what the whole windows since the first one could hold. */
export const useOfLimit = (
  arrivals: readonly number[],
  limit: number,
  windowMs: number,
): number => {
  const first = arrivals.reduce((least, time) => Math.min(least, time), Infinity);
  const last = arrivals.reduce((most, time) => Math.max(most, time), -Infinity);
  const windows = Math.floor((last - first) / windowMs);
  const end = first + windows * windowMs;
  return arrivals.filter((time) => time < end).length / (limit * windows);
};
