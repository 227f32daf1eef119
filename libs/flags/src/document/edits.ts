import { isDeepStrictEqual } from 'node:util';
import { FlagsError } from '../flags-error.ts';
import type { FlagDefinition, FlagDocument } from './flag-document.ts';

const refused = (key: string, message: string): FlagsError =>
  new FlagsError([{ key, level: 'error', message }]);

/** The flag of a key. Throws a `FlagsError` when there is none. */
export const flagOf = ({ flags }: FlagDocument, key: string): FlagDefinition => {
  const flag = Object.hasOwn(flags, key) ? flags[key] : undefined;
  if (flag) return flag;
  throw refused(key, 'there is no such flag');
};

const withFlag = (document: FlagDocument, key: string, flag: FlagDefinition): FlagDocument => ({
  ...document,
  flags: { ...document.flags, [key]: flag },
});

/** Everybody gets this variant; a rule that divided them is gone. Throws a `FlagsError` for an unknown flag or variant. */
export const withVariant = (document: FlagDocument, key: string, variant: string): FlagDocument => {
  const { targeting: _gone, ...flag } = flagOf(document, key);
  if (!Object.hasOwn(flag.variants, variant)) {
    const known = Object.keys(flag.variants).join(', ');
    throw refused(key, `there is no variant ${JSON.stringify(variant)}; known: ${known}`);
  }
  return withFlag(document, key, { ...flag, defaultVariant: variant });
};

/** The variant of a value that no variant has; one name, so that a document does not grow with every value ever set. */
export const customVariant = 'custom';

/** Everybody gets this value: by the variant that has it, or by the variant `custom`. Whether it fits the flag, the check tells. */
export const withValue = (document: FlagDocument, key: string, value: unknown): FlagDocument => {
  const flag = flagOf(document, key);
  const named = Object.entries(flag.variants).find(([, each]) => isDeepStrictEqual(each, value));
  if (named) return withVariant(document, key, named[0]);
  const variants = { ...flag.variants, [customVariant]: value };
  return withVariant(withFlag(document, key, { ...flag, variants }), key, customVariant);
};

/** `canary` is listed first, so that who has it keeps it when its share grows. */
const canaryFirst = (a: string, b: string): number =>
  Number(b === 'canary') - Number(a === 'canary');

/**
 * Divides calls by their targeting key: variant -> whole percent, 100 together. The last variant is what a call without a key gets. All
 * for one variant is no division but `withVariant`. Throws a `FlagsError`.
 */
export const withSplit = (
  document: FlagDocument,
  key: string,
  shares: Readonly<Record<string, number>>,
): FlagDocument => {
  const percents = Object.values(shares);
  if (!percents.every((each) => Number.isInteger(each) && each >= 0 && each <= 100))
    throw refused(key, 'shares are whole numbers from 0 to 100');
  const sum = percents.reduce((all, each) => all + each, 0);
  if (sum !== 100) throw refused(key, `shares are ${sum} together and must be 100`);

  const order = Object.keys(shares).sort(canaryFirst);
  const last = order.at(-1) ?? '';
  const plain = order.reduce((next, variant) => withVariant(next, key, variant), document);
  const whole = order.find((variant) => shares[variant] === 100);
  if (whole !== undefined) return withVariant(plain, key, whole);
  const fractional = order.map((variant) => [variant, shares[variant]]);
  return withFlag(plain, key, {
    ...flagOf(plain, key),
    defaultVariant: last,
    targeting: { fractional },
  });
};

/** The document with the flags of these keys it lacks, as the other document has them. The same document when it lacks none. */
export const withMissing = (
  document: FlagDocument,
  other: FlagDocument,
  keys: readonly string[],
): FlagDocument => {
  const missing = keys.filter(
    (key) => !Object.hasOwn(document.flags, key) && Object.hasOwn(other.flags, key),
  );
  return missing.reduce((next, key) => withFlag(next, key, flagOf(other, key)), document);
};
