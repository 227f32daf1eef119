import type { Tally } from './tally.ts';

export type HardStop =
  | { readonly kind: 'rollback'; readonly operation: string }
  | { readonly kind: 'disable-endpoint'; readonly operation: string }
  | { readonly kind: 'both-refused' };

const REFUSED_IN_A_ROW = 3;

/**
 * A route that refuses the canary (401, 403, 404) three times in a row, without a success between, needs no statistics, if the baseline
 * succeeds there as late as it was refused, or later. If it does not, the key or the vendor is at fault, and going back would mend nothing.
 * @returns undefined also while the baseline has not tried: nobody can know yet
 */
export const hardStop = (tally: Tally, mayDisable: readonly string[]): HardStop | undefined => {
  const refused = Object.entries(tally)
    .filter(([, of]) => of.refused.canary >= REFUSED_IN_A_ROW)
    .sort(
      ([name, one], [otherName, other]) =>
        other.refused.canary - one.refused.canary || (name < otherName ? -1 : 1),
    );
  const proven = refused.find(([, of]) => of.refused.baseline === 0 && of.baselineOk > 0);
  if (proven) {
    const [operation] = proven;
    const elsewhere = Object.entries(tally).some(
      ([other, { run }]) => other !== operation && run.canary.auth > 0,
    );
    return mayDisable.includes(operation) && !elsewhere
      ? { kind: 'disable-endpoint', operation }
      : { kind: 'rollback', operation };
  }
  if (refused.some(([, of]) => of.refused.baseline > 0)) return { kind: 'both-refused' };
  return undefined;
};
