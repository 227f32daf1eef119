/** All chance of a run; a seed tells the whole story. */
export interface Chance {
  /** In [0, 1). */
  next(): number;
  happens(rate: number): boolean;
  upTo(max: number): number;
  between(range: readonly [number, number]): number;
  pick<T>(choices: readonly T[]): T;
}

/** mulberry32: small, and good enough to disturb a house. */
export const createChance = (seed: number): Chance => {
  let state = Math.imul(seed, 0x9e3779b1) | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    happens: (rate) => rate > 0 && next() < rate,
    upTo: (max) => next() * max,
    between: ([least, most]) => least + next() * (most - least),
    pick: (choices) => choices[Math.floor(next() * choices.length)]!,
  };
};
