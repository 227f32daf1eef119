import type { ScenarioName } from '../simulation/scenarios.ts';

/** A change to one source file, made while it is loaded: `find` must be there exactly once. */
export interface Patch {
  /** From the root. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** A fault planted on purpose: the simulation must break a rule with it. */
export interface Mutant {
  readonly name: string;
  /** `twin`: in TypeScript, on the store in memory. `scripts`: in the Lua text, on a private Redis. */
  readonly store: 'twin' | 'scripts';
  readonly patches: readonly Patch[];
  /** Where it must show. */
  readonly scenario: ScenarioName;
  /** The seed to begin with, 1 unless told: one that is known to show it soon. */
  readonly seed?: number;
}

/** So many seeds are tried until a rule is broken. */
export const SEEDS_MAX = 5;
