import { resolve } from 'node:path';
import { text } from './pieces.ts';

const root = resolve(import.meta.dirname, '../../../..');

/** Where flags are when Redis has none, or cannot be asked; spread into the schema of an app that reads flags. */
export const flagsEnv = {
  /** The defaults, flagd definitions; the repository's own unless told. */
  FLAGS_FILE: text(resolve(root, 'config/flags.json')),
  /** Written: the last document that Redis held, for a start without Redis. */
  FLAGS_LAST_KNOWN_GOOD_FILE: text(resolve(root, 'var/flags.last-known-good.json')),
};
