import { withMissing } from '../document/edits.ts';
import type { FlagDocument } from '../document/flag-document.ts';
import type { StoredFlags } from './records.ts';

/**
 * A stored document with the flags that came into the code after it was written, as the defaults have them. A flag that its writer knew
 * stays missing, and so the document is refused: taken from the defaults, it might switch on what somebody had switched off. The same
 * document when there is nothing to add.
 */
export const completed = (
  { document, knownKeys: writerKnew }: Pick<StoredFlags, 'document' | 'knownKeys'>,
  defaults: FlagDocument,
  knownKeys: readonly string[],
): FlagDocument =>
  withMissing(
    document,
    defaults,
    knownKeys.filter((key) => !writerKnew.includes(key)),
  );
