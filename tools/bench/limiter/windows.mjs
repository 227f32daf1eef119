/**
 * An arrival as the vendor saw it.
 * @typedef {{ at: number, allowed: boolean }} Arrival at in epoch ms
 */

/**
 * The most arrivals in any window of this length, wherever it begins. A window holds its beginning, not its end.
 * @param {readonly Arrival[]} arrivals @param {number} windowMs
 */
export const mostInSliding = (arrivals, windowMs) => {
  const times = arrivals.map(({ at }) => at).toSorted((a, b) => a - b);
  let [from, most] = [0, 0];
  for (const [n, at] of times.entries()) {
    while (/** @type {number} */ (times[from]) <= at - windowMs) from += 1;
    most = Math.max(most, n - from + 1);
  }
  return most;
};

/**
 * The most arrivals in any window that begins at a multiple of its length, as a clock minute does.
 * @param {readonly Arrival[]} arrivals @param {number} windowMs
 */
export const mostInAligned = (arrivals, windowMs) =>
  Math.max(
    0,
    ...Map.groupBy(arrivals, ({ at }) => Math.floor(at / windowMs))
      .values()
      .map(({ length }) => length),
  );

/**
 * Allowed requests over those that the limit allows from the first moment to the last.
 * @param {readonly Arrival[]} arrivals
 * @param {{ limit: number, windowMs: number, startAt: number, windows: number }} terms
 */
export const shareUsed = (arrivals, { limit, windowMs, startAt, windows }) => {
  const endAt = startAt + windows * windowMs;
  const allowed = arrivals.filter((each) => each.allowed && each.at < endAt);
  return allowed.length / (limit * windows);
};
