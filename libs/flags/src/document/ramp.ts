import { FlagsError } from '../flags-error.ts';
import { flagOf, withSplit } from './edits.ts';
import type { FlagDocument } from './flag-document.ts';

/**
 * Divides calls between the variants of a flag, as `withSplit` does, if it can be divided: only a flag with the variants baseline and canary
 * is read with a call id to divide by; any other would give every call the same. Throws a `FlagsError`.
 */
export const withShares = (
  document: FlagDocument,
  key: string,
  shares: Readonly<Record<string, number>>,
): FlagDocument => {
  const { variants } = flagOf(document, key);
  if (!Object.hasOwn(variants, 'canary') || !Object.hasOwn(variants, 'baseline')) {
    const message = 'cannot be divided between calls: only coinglass.arm can';
    throw new FlagsError([{ key, level: 'error', message }]);
  }
  return withSplit(document, key, shares);
};

/** Gives the canary this share of the calls in whole percent, and the baseline the rest. Throws a `FlagsError`. */
export const withCanaryShare = (
  document: FlagDocument,
  key: string,
  percent: number,
): FlagDocument => withShares(document, key, { canary: percent, baseline: 100 - percent });
