import { isDeepStrictEqual } from 'node:util';
import { checkDocument } from '../document/check-document.ts';
import { withMissing } from '../document/edits.ts';
import type { FlagDocument } from '../document/flag-document.ts';
import { FlagsError } from '../flags-error.ts';
import type { FlagsChanged } from './change-flags.ts';
import type { FlagStore } from './flag-store.ts';

export interface FlagsRevert {
  readonly store: FlagStore;
  readonly defaults: FlagDocument;
  /** The version whose flags are wanted back. */
  readonly version: number;
  /** Refused when another version is there now; absent: whichever is there. */
  readonly expectedVersion?: number;
  readonly actor: string;
  readonly reason: string;
}

/** `conflict`: another version than the expected one is there; nothing was written. */
export type FlagsReverted = FlagsChanged | { readonly state: 'conflict'; readonly version: number };

/**
 * Writes the flags of an earlier version as a new one. A flag that version did not know stays as it is, so that going back never takes a
 * switch away. It is also the way out when what is stored cannot be used. Throws a `FlagsError` for a version that is not kept.
 */
export const revertFlags = async ({
  store,
  defaults,
  version,
  expectedVersion,
  ...told
}: FlagsRevert): Promise<FlagsReverted> => {
  const wanted = await store.at(version);
  if (!wanted) {
    const message = 'is not kept: npm run flags -- history lists those that are';
    throw new FlagsError([{ key: `version ${version}`, level: 'error', message }]);
  }
  for (;;) {
    const current = await readable(store);
    const found = current?.version ?? (await store.version()).version;
    if (expectedVersion !== undefined && expectedVersion !== found)
      return { state: 'conflict', version: found };
    const usable = current ? withoutUnusable(current.document, store.knownKeys) : defaults;
    const known = withMissing(usable, defaults, store.knownKeys);
    const document = withMissing(wanted.document, known, Object.keys(known.flags));
    if (isDeepStrictEqual(document, current?.document))
      return { state: 'left', version: found, document };
    const change = `revert to version ${version}`;
    const written = await store.write({
      ...{ expectedVersion: found, document, base: known, change },
      ...told,
    });
    if (written.state === 'written') return { ...written, state: 'written', document };
  }
};

/** What is to be undone may be a flag that cannot be used: it is not carried over. */
const withoutUnusable = (document: FlagDocument, knownKeys: readonly string[]): FlagDocument => {
  const isUsable = (flags: FlagDocument['flags']): boolean => {
    const known = knownKeys.filter((key) => Object.hasOwn(flags, key));
    return isFine(() => checkDocument({ ...document, flags }, known));
  };
  if (isUsable(document.flags)) return document;
  const usable = Object.entries(document.flags).filter(([key, flag]) => isUsable({ [key]: flag }));
  return { ...document, flags: Object.fromEntries(usable) };
};

const isFine = (check: () => unknown): boolean => {
  try {
    check();
    return true;
  } catch (error) {
    if (error instanceof FlagsError) return false;
    throw error;
  }
};

const readable = (store: FlagStore) =>
  store.read().catch((error: unknown) => {
    if (error instanceof FlagsError) return undefined;
    throw error;
  });
