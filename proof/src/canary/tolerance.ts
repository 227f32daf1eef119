/** What chance may add to a rate that is kept: a wrong alarm in one of a thousand. */
const CONFIDENCE = 0.999;

/**
 * How often something of at most `rate` may happen in `runs` runs before it is to be believed that it happens more often: the 99.9th
 * percentile of the binomial distribution. Of 300 runs at 1 % that is 10, not 3.
 */
export const allowedOf = (runs: number, rate: number): number => {
  if (rate >= 1) return runs;
  let chance = (1 - rate) ** runs;
  let atMost = chance;
  for (let count = 0; count < runs; count++) {
    if (atMost >= CONFIDENCE) return count;
    chance *= ((runs - count) / (count + 1)) * (rate / (1 - rate));
    atMost += chance;
  }
  return runs;
};
