import { MemoryStorage } from '@openfeature/flagd-core';
import { FlagsError } from '../flags-error.ts';
import type { FlagProblem } from '../flags-error.ts';
import { lintFlags } from '../lint-flags.ts';
import type { FlagDocument } from './flag-document.ts';

const ignore = (): void => undefined;
const silent = { error: ignore, warn: ignore, info: ignore, debug: ignore };

/** What flagd's own schemas say against a document; undefined when nothing. */
const schemaProblem = (document: unknown): FlagProblem | undefined => {
  try {
    const storage = new MemoryStorage(silent, { disableDynamicCodeGeneration: true });
    storage.setConfigurations(JSON.stringify(document), true);
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message.replace(/\s+/g, ' ') : String(error);
    return { key: 'document', level: 'error', message };
  }
};

export interface CheckedDocument {
  readonly document: FlagDocument;
  /** Worth a look; the document can be used. */
  readonly warnings: readonly FlagProblem[];
}

/** Lint and flagd's own schemas, strictly. Throws a `FlagsError` with everything that keeps the document from being used. */
export const checkDocument = (
  document: unknown,
  knownKeys: readonly string[],
  now: () => number = Date.now,
): CheckedDocument => {
  const problems = lintFlags(document, knownKeys, now);
  const errors = problems.filter(({ level }) => level === 'error');
  const refused = errors.length > 0 ? errors : [schemaProblem(document) ?? []].flat();
  if (refused.length > 0) throw new FlagsError(refused);
  return { document: document as FlagDocument, warnings: problems };
};
