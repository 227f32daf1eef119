import { isDeepStrictEqual } from 'node:util';
import { checkDocument } from '../document/check-document.ts';
import type { FlagDocument } from '../document/flag-document.ts';
import { completed } from './completed.ts';
import type { FlagStore } from './flag-store.ts';

export interface FlagsEdit {
  readonly store: FlagStore;
  /** What a first version is made from, and where flags come from that a stored document does not know yet. */
  readonly defaults: FlagDocument;
  /** Pure: a document from a document, or undefined to leave it. Called again on the newest document after each conflict. */
  readonly edit: (document: FlagDocument, version: number) => FlagDocument | undefined;
  readonly actor: string;
  readonly reason: string;
  /** What is asked for, in words, for history and audit. */
  readonly change: string;
}

/** `left`: nothing was written, since `edit` wanted nothing or changed nothing. */
export interface FlagsChanged {
  readonly state: 'written' | 'left';
  readonly version: number;
  readonly document: FlagDocument;
}

/**
 * Reads, edits and writes by compare-and-set, again for as long as others are faster: somebody is written each time. Rejects with a
 * `FlagsError` when the edited document or the stored one cannot be used, with ioredis' errors when Redis is away.
 */
export const changeFlags = async ({
  store,
  defaults,
  edit,
  ...told
}: FlagsEdit): Promise<FlagsChanged> => {
  for (;;) {
    const stored = await store.read();
    const version = stored?.version ?? 0;
    const found = stored?.document ?? defaults;
    const whole = stored ? completed(stored, defaults, store.knownKeys) : defaults;
    const document = edit(checkDocument(whole, store.knownKeys).document, version);
    if (document === undefined || isDeepStrictEqual(document, found)) {
      return { state: 'left', version, document: found };
    }
    const written = await store.write({ expectedVersion: version, document, ...told });
    if (written.state === 'written') {
      return { state: 'written', version: written.version, document };
    }
  }
};
