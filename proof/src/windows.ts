/** Counts arrivals, which must be told in their order, in windows as a vendor might count them. */
export interface Windows {
  /** Returns how many are in the sliding window that ends with this one. */
  add(time: number): number;
  /** Those of the last window, from `now` back. */
  within(now: number): number;
  worstSliding(): number;
  /** Windows that begin at a multiple of their length, as a clock minute does. */
  worstAligned(): number;
  /** In the aligned window `now` is in. */
  inAligned(now: number): number;
  total(): number;
  /**
   * How much of a limit was used from a time on, as a share: the window over the mean time that so many arrivals took.
   * A count between two times would depend on where in a burst they lie.
   */
  useSince(from: number, limit: number): number;
}

/** A sliding window holds its beginning and not its end: two arrivals a whole window apart are not in one. */
export const createWindows = (windowMs: number): Windows => {
  const times: number[] = [];
  let head = 0;
  let worstSliding = 0;
  let worstAligned = 0;
  let aligned = { index: -1, count: 0 };

  const dropUntil = (now: number): void => {
    while (head < times.length && times[head]! <= now - windowMs) head += 1;
  };

  return {
    add(time) {
      times.push(time);
      dropUntil(time);
      const index = Math.floor(time / windowMs);
      aligned = { index, count: aligned.index === index ? aligned.count + 1 : 1 };
      worstAligned = Math.max(worstAligned, aligned.count);
      worstSliding = Math.max(worstSliding, times.length - head);
      return times.length - head;
    },
    within(now) {
      dropUntil(now);
      return times.length - head;
    },
    worstSliding: () => worstSliding,
    worstAligned: () => worstAligned,
    inAligned: (now) => (Math.floor(now / windowMs) === aligned.index ? aligned.count : 0),
    total: () => times.length,
    useSince(from, limit) {
      const since = times.filter((time) => time >= from);
      const spans = since.slice(limit).map((time, index) => time - since[index]!);
      return spans.length === 0
        ? 0
        : (windowMs * spans.length) / spans.reduce((sum, span) => sum + span, 0);
    },
  };
};
