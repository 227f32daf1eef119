import type { Mask } from './mask.ts';
import { maskedValue } from './masked-value.ts';

/**
 * Characters that JSON leaves as they are but that break lines or rearrange text in a terminal: DEL and C1
 * controls, line and paragraph separators, bidirectional overrides.
 */
const unsafeOnScreen = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

const escapeUnsafe = (line: string): string =>
  line.replace(
    unsafeOnScreen,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/**
 * The last thing that happens to a log line: secrets out, unsafe characters escaped, still one line of JSON.
 * A line with a secret is taken apart and put together again, since a secret of digits may stand in a number.
 */
export const createLineMask =
  (mask: Mask) =>
  (line: string): string => {
    if (mask(line) === line) return escapeUnsafe(line);
    try {
      return escapeUnsafe(mask(`${JSON.stringify(maskedValue(JSON.parse(line), mask))}\n`));
    } catch {
      return escapeUnsafe(mask(line));
    }
  };
