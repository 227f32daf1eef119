import { median } from './running.mjs';

/**
 * Measures each contestant once a round, in an order drawn anew each round, so that what the machine does meanwhile meets all alike.
 * @template Figures
 * @param {number} rounds
 * @param {Record<string, () => Promise<Figures>>} contestants
 * @returns {Promise<Record<string, Figures[]>>} by contestant, round by round
 */
export const interleaved = async (rounds, contestants) => {
  /** @type {Record<string, Figures[]>} */
  const measured = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const name of shuffled(Object.keys(contestants))) {
      const figures = await contestants[name]?.();
      if (figures !== undefined) measured[name]?.push(figures);
    }
  }
  return measured;
};

/**
 * The median of the rounds' own ratios: both sides of each were measured within seconds of each other.
 * @param {readonly number[]} ours
 * @param {readonly number[]} theirs
 */
export const medianRatio = (ours, theirs) =>
  median(ours.map((value, round) => value / (theirs[round] ?? NaN)));

/** @template T @param {T[]} values */
const shuffled = (values) =>
  values
    .map((value) => ({ value, rank: Math.random() }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ value }) => value);

/**
 * @param {number} count
 * @param {number} concurrent
 * @param {(n: number) => Promise<void>} call
 */
export const atOnce = async (count, concurrent, call) => {
  let next = 0;
  const one = async () => {
    for (let n = next++; n < count; n = next++) await call(n);
  };
  await Promise.all(Array.from({ length: concurrent }, one));
};
