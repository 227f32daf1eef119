import { flagRow, type FlagType } from '../flag-table.ts';
import { flagOf } from '../document/edits.ts';
import type { FlagDefinition, FlagDocument } from '../document/flag-document.ts';

/** What a flag gives, as a person asks for it. */
export type FlagGives =
  | { readonly variant: string; readonly value: unknown }
  /** Divided between calls: whole percents, 100 together. */
  | { readonly shares: Readonly<Record<string, number>> }
  /** As a rule says that is no plain division. */
  | { readonly rule: unknown };

/** One flag with all there is to know of it. */
export interface FlagView {
  readonly key: string;
  /** Absent for a flag that this release does not know. */
  readonly type?: FlagType;
  readonly summary?: string;
  readonly gives: FlagGives;
  readonly variants: Readonly<Record<string, unknown>>;
  readonly owner: string;
  readonly expires: string;
}

const sharesOf = (targeting: unknown): Readonly<Record<string, number>> | undefined => {
  if (typeof targeting !== 'object' || targeting === null) return undefined;
  const { fractional, ...others } = targeting as Readonly<Record<string, unknown>>;
  if (!Array.isArray(fractional) || Object.keys(others).length > 0) return undefined;
  const pairs = (fractional as readonly unknown[]).map((bucket) =>
    Array.isArray(bucket) && typeof bucket[0] === 'string' && typeof bucket[1] === 'number'
      ? ([bucket[0], bucket[1]] as const)
      : undefined,
  );
  const known = pairs.filter((pair) => pair !== undefined);
  const sum = known.reduce((all, [, share]) => all + share, 0);
  return known.length === pairs.length && sum === 100 ? Object.fromEntries(known) : undefined;
};

export const flagGives = ({ variants, defaultVariant, targeting }: FlagDefinition): FlagGives => {
  // flagd takes an empty rule for none.
  const isRuled = typeof targeting === 'object' && Object.keys(targeting ?? {}).length > 0;
  if (!isRuled) return { variant: defaultVariant, value: variants[defaultVariant] };
  const shares = sharesOf(targeting);
  return shares ? { shares } : { rule: targeting };
};

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Throws a `FlagsError` when the document has no such flag. */
export const viewFlag = (document: FlagDocument, key: string): FlagView => {
  const flag = flagOf(document, key);
  const row = flagRow(key);
  return {
    key,
    ...(row && { type: row.type, summary: row.summary }),
    gives: flagGives(flag),
    variants: flag.variants,
    owner: text(flag.metadata?.['owner']),
    expires: text(flag.metadata?.['expires']),
  };
};

/** Every flag of a document: those with a fixed name first, then the endpoints' switches, each sorted by key. */
export const viewFlags = (document: FlagDocument): FlagView[] =>
  Object.keys(document.flags)
    .sort((a, b) => Number(isEndpoint(a)) - Number(isEndpoint(b)) || (a < b ? -1 : 1))
    .map((key) => viewFlag(document, key));

const isEndpoint = (key: string): boolean => key.startsWith('endpoint.');

/** What a flag gives, in a few words: `on`, `low (50)`, `canary 10 %, baseline 90 %`. */
export const describeGives = (gives: FlagGives): string => {
  if ('shares' in gives)
    return Object.entries(gives.shares)
      .map(([variant, share]) => `${variant} ${share} %`)
      .join(', ');
  if ('rule' in gives) return 'by a rule';
  const { variant, value } = gives;
  return typeof value === 'boolean' || value === variant
    ? variant
    : `${variant} (${JSON.stringify(value)})`;
};
