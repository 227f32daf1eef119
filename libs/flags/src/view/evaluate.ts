import { createFlags, type FlagReading } from '../flags.ts';
import { flagOf } from '../document/edits.ts';
import type { FlagDocument } from '../document/flag-document.ts';
import {
  flagRow,
  type BooleanFlagKey,
  type NumberFlagKey,
  type ObjectFlagKey,
  type StringFlagKey,
} from '../flag-table.ts';
import { FlagsError } from '../flags-error.ts';

const ignore = (): void => undefined;
const silent = { info: ignore, warn: ignore, error: ignore };

/**
 * What one call with this targeting key would get from a document, and why: through the same provider as in the processes. Throws a
 * `FlagsError` for a flag that the document lacks or nobody reads.
 */
export const evaluateFlag = async (
  document: FlagDocument,
  key: string,
  targetingKey: string,
): Promise<FlagReading<unknown>> => {
  flagOf(document, key);
  const type = flagRow(key)?.type;
  if (type === undefined)
    throw new FlagsError([{ key, level: 'error', message: 'is read by nobody' }]);
  const flags = createFlags({ document, logger: silent });
  const context = { targetingKey };
  try {
    switch (type) {
      case 'boolean':
        return await flags.boolean(key as BooleanFlagKey, context);
      case 'string':
        return await flags.string(key as StringFlagKey, context);
      case 'number':
        return await flags.number(key as NumberFlagKey, context);
      case 'object':
        return await flags.object(key as ObjectFlagKey, context);
    }
  } finally {
    flags.close();
  }
};
