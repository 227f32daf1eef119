import { invalidRequest, shownName, type FieldError } from '@glasshouse/coinglass-client';

/** No body of ours is nested deeper. */
const depthMax = 8;

/**
 * Reads JSON as it must be meant: a repeated member, of which parsers keep the last without a word, a member named `__proto__`, which
 * schemas drop without a word, and anything nested deeper than 8 are errors that name the field.
 * @throws Failure `invalid-request`
 */
export const parseStrictJson = (text: string): unknown => {
  // Before JSON.parse: the depth is bounded by then, and what is no JSON may be scanned anyhow.
  const errors = membersAtFault(text);
  if (errors.length > 0) throw invalidRequest(errors);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw invalidRequest([{ field: 'body', message: 'is not JSON' }]);
  }
};

/** Strings, brackets and colons; what is between them does not matter here. */
const tokens = /"(?:[^"\\]|\\.)*"|[[\]{}:]/gs;

const membersAtFault = (text: string): FieldError[] => {
  const errors: FieldError[] = [];
  const open: Set<string>[] = [];
  let lastString = '""';
  for (const [token] of text.matchAll(tokens)) {
    if (token === '{' || token === '[') open.push(new Set());
    else if (token === '}' || token === ']') open.pop();
    else if (token === ':') noteMember(lastString, open.at(-1), errors);
    else lastString = token;
    if (open.length > depthMax) {
      return [{ field: 'body', message: `is nested deeper than ${depthMax}` }];
    }
  }
  return errors;
};

const noteMember = (
  literal: string,
  members: Set<string> | undefined,
  errors: FieldError[],
): void => {
  const name = decoded(literal);
  const field = shownName(name);
  if (name === '__proto__') errors.push({ field, message: 'is not a name that is taken' });
  else if (members?.has(name)) {
    errors.push({ field, message: 'stands more than once; give it one value' });
  }
  members?.add(name);
};

/** A name may be written with escapes. What is no string is left to JSON.parse to refuse. */
const decoded = (literal: string): string => {
  try {
    return JSON.parse(literal) as string;
  } catch {
    return literal;
  }
};
