/**
 * Numbers that keep the vendor's own digits. A double cannot hold "2369935.195620" as written, so a
 * numeric string becomes a piece of raw JSON: a number to every reader, digit for digit as it was sent.
 */
export interface ExactNumber {
  readonly rawJSON: string;
}

// TypeScript's library does not know these yet; the engine has had them since V8 11.4.
declare global {
  interface JSON {
    rawJSON(text: string): ExactNumber;
    isRawJSON(value: unknown): value is ExactNumber;
  }
}

/** Far longer than any figure of the vendor's, short enough to be harmless. */
const digitsLengthMax = 64;

/** JSON's own grammar of a number: no blanks, no leading plus or zeros, no hexadecimal, no words. */
export const numberPattern = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Does the text hold a number that a double can reach? "NaN", "", "1e999" and "Infinity" do not. */
export const isExactNumber = (text: string): boolean =>
  text.length <= digitsLengthMax && numberPattern.test(text) && Number.isFinite(Number(text));

export const exactNumber = (digits: string): ExactNumber => JSON.rawJSON(digits);
