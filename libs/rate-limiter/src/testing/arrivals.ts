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
