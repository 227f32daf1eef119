import type { Mask } from './mask.ts';

/** What the vendor wrote, made fit for logs, spans and terminals. Mask first, cut afterwards: half a key is a leak, too. */

// Control and formatting characters, line separators and lone surrogates: they forge log lines and colour terminals.
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

const escaped = (text: string) =>
  text.replace(
    unprintable,
    (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}}`,
  );

/** At most `charsMax` characters, unprintable ones spelt out. */
export const boundedText = (text: string, charsMax = 256): string => {
  const printable = escaped(text.slice(0, charsMax + 1));
  return printable.length <= charsMax
    ? printable
    : `${printable.slice(0, charsMax - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
};

const snippetBytesMax = 512;

/** The beginning of a body, at most 512 bytes and cut between characters. */
export const snippetOf = (body: string, mask: Mask): string => {
  // More than is kept: a key across the cut must be whole when it is masked.
  const text = escaped(mask(body.slice(0, 8 * snippetBytesMax)));
  let bytes = 0;
  let kept = '';
  for (const char of text.slice(0, snippetBytesMax)) {
    bytes += Buffer.byteLength(char);
    if (bytes > snippetBytesMax) break;
    kept += char;
  }
  return kept;
};
