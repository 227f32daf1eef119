import { evidenceGroups, type EvidenceGroup } from './decision.ts';

/**
 * The evidence that the canary is worse, as a sum of money. Somebody bets, each minute anew and at fair odds, that the next errors fall on
 * the canary more often than they would if it were no worse. While it is no worse he cannot expect to win, however he bets: his money is a
 * supermartingale that begins at 1. Ville's inequality says of such money that it ever reaches 1/α with a chance of at most α. So a
 * rollback at 1/α is false in at most α of all runs, no matter how often somebody looks, and that is why it is an e-process: a p-value that
 * is looked at each minute is below 5 % in four runs of ten sooner or later, and a fixed threshold takes a sick vendor for a sick canary.
 *
 * He keeps two purses, half the money each, since a canary can be worse in two ways. The first clock bets on worse since the start. Minutes
 * in which all was well cost it, so a fault that comes late finds it nearly empty. The second, Shiryaev and Roberts' statistic, bets on worse
 * since some minute, whichever: it lays the same small stake down afresh every minute, so no long good time can eat up what is yet to come.
 *
 * How much worse is not known either, so each purse is split over three guesses: twice, four and sixteen times the odds.
 */
export interface Clocks {
  readonly minutes: number;
  /** ln of the money, per guess of `ratios`. */
  readonly sinceStart: Readonly<Record<EvidenceGroup, readonly number[]>>;
  /** ln(1 + SR), per guess: SR itself begins at 0, whose logarithm no JSON can hold. */
  readonly sinceSomeMinute: Readonly<Record<EvidenceGroup, readonly number[]>>;
}

/** ρ: so many times the odds that an error is the canary's. */
export const ratios = [2, 4, 16] as const;

/** ln of the factor by which a minute changes the money, per group and guess. */
export type Increments = Readonly<Record<EvidenceGroup, readonly number[]>>;

/** T: the stake of the second purse lasts for so many minutes. Runs that take longer are falsely rolled back a little more often. */
const STAKED_MINUTES = 120;

/** Beyond it e^x is no number; long before it all is decided. */
const EXPONENT_MAX = 690;

export const perGroup = <T>(of: (group: EvidenceGroup) => T): Readonly<Record<EvidenceGroup, T>> =>
  Object.fromEntries(evidenceGroups.map((group) => [group, of(group)])) as Record<EvidenceGroup, T>;

export const startClocks = (): Clocks => {
  const nothing = perGroup(() => ratios.map(() => 0));
  return { minutes: 0, sinceStart: nothing, sinceSomeMinute: nothing };
};

const lnOnePlusExp = (exponent: number): number =>
  exponent > 30 ? exponent : Math.log1p(Math.exp(exponent));

/** F ← F + ℓ and SR ← ln(1 + e^SR) + ℓ. */
export const runClocks = (clocks: Clocks, increments: Increments): Clocks => ({
  minutes: clocks.minutes + 1,
  sinceStart: perGroup((group) =>
    clocks.sinceStart[group].map((money, guess) => money + increments[group][guess]!),
  ),
  sinceSomeMinute: perGroup((group) =>
    clocks.sinceSomeMinute[group].map((money, guess) =>
      lnOnePlusExp(money + increments[group][guess]!),
    ),
  ),
});

const meanOf = (values: readonly number[], map: (value: number) => number): number =>
  values.reduce((sum, value) => sum + map(Math.min(value, EXPONENT_MAX)), 0) / values.length;

/** E: 1 at the start, and 1/α with a chance of at most α while the canary is no worse. */
export const evidenceIn = (clocks: Clocks, group: EvidenceGroup): number => {
  const first = meanOf(clocks.sinceStart[group], Math.exp);
  const staked = Math.max(0, STAKED_MINUTES - clocks.minutes) / STAKED_MINUTES;
  const second = meanOf(clocks.sinceSomeMinute[group], Math.expm1) / STAKED_MINUTES + staked;
  return (first + second) / 2;
};

/** So many groups are judged in either mode, and they share α. */
const JUDGED_GROUPS = 4;

export const thresholdAt = (alpha: number): number => JUDGED_GROUPS / alpha;
