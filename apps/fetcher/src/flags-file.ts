import { resolve } from 'node:path';

/** The repository's own flags, unless FLAGS_FILE names others. */
export const ownFlagsFile = resolve(import.meta.dirname, '../../../config/flags.json');
