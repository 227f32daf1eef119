/**
 * Text that a caller typed: which shape it must have before anything is looked up with it, and how
 * much of it may be repeated in an answer. What the text means is the symbols' and the schemas' business.
 */
export const callerTextLengthMax = 64;

/** Printable ASCII, 1 to 64 characters. Exchange names may hold a blank ("ApeX Omni"). */
export const callerTextPattern = /^[\x20-\x7e]{1,64}$/;

export const callerTextRule = 'must be 1 to 64 printable ASCII characters';

export const isCallerText = (value: unknown): value is string =>
  typeof value === 'string' && callerTextPattern.test(value);

/** A value as it may be repeated in a message: never long, never with control or look-alike characters. */
export const shown = (value: unknown): string =>
  isCallerText(value) ? `"${value}"` : 'the value given';

/** A caller's own parameter name as it may stand in an answer or a header. */
export const shownName = (name: string): string => {
  const plain = name.slice(0, callerTextLengthMax).replace(/[^\x21-\x7e]|,/g, '?');
  return name.length > callerTextLengthMax ? `${plain}...` : plain === '' ? '(empty)' : plain;
};
