import { checkDocument } from '../document/check-document.ts';
import type { FlagDocument } from '../document/flag-document.ts';
import { readFlagsFile } from '../flags.ts';
import { FlagsError } from '../flags-error.ts';

/**
 * The defaults in a file, read anew at each call: while Redis has no document every process follows the file, so a first change must be
 * made from what it says by then. While it cannot be used the last one that could is given; throws a `FlagsError` at once when the first
 * one cannot.
 */
export const defaultsIn = (file: string, knownKeys: readonly string[]): (() => FlagDocument) => {
  const read = (): FlagDocument => checkDocument(readFlagsFile(file), knownKeys).document;
  let last = read();
  return () => {
    try {
      last = read();
    } catch (error) {
      if (!(error instanceof FlagsError)) throw error;
    }
    return last;
  };
};
