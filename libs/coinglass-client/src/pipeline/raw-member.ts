/**
 * The text of one member of a JSON object, exactly as it stands there. `JSON.parse` would lose the vendor's digits
 * and order, so the bytes handed on to callers are cut out instead. The text must be valid JSON already: this
 * finds its way, it does not judge. Of several members of the name the last counts, as for `JSON.parse`.
 */
export const rawMember = (json: string, name: string): string | undefined => {
  let found: string | undefined;
  let at = afterSpace(json, 0);
  if (json[at] !== '{') return undefined;
  at = afterSpace(json, at + 1);
  while (json[at] === '"') {
    const keyEnd = afterString(json, at);
    const matches = keyIs(json.slice(at, keyEnd), name);
    const valueStart = afterSpace(json, afterSpace(json, keyEnd) + 1);
    const valueEnd = afterValue(json, valueStart);
    if (matches) found = json.slice(valueStart, valueEnd);
    at = afterSpace(json, valueEnd);
    if (json[at] === ',') at = afterSpace(json, at + 1);
  }
  return found;
};

const keyIs = (key: string, name: string) =>
  key.includes('\\') ? JSON.parse(key) === name : key === `"${name}"`;

/** Where the first match at or after `from` ends; the end of the text if there is none. */
const afterMatch = (pattern: RegExp, json: string, from: number): number => {
  pattern.lastIndex = from;
  return pattern.test(json) ? pattern.lastIndex : json.length;
};

const space = /[ \t\n\r]*/y;
const afterSpace = (json: string, from: number) => afterMatch(space, json, from);

/** From an opening quote to behind the closing one. */
const afterString = (json: string, quoteAt: number): number => {
  let end = quoteAt;
  do end = json.indexOf('"', end + 1);
  while (end !== -1 && isEscaped(json, end));
  return end === -1 ? json.length : end + 1;
};

/** A quote behind an odd number of backslashes belongs to the string. */
const isEscaped = (json: string, quoteAt: number) => {
  let backslashes = 0;
  while (json[quoteAt - 1 - backslashes] === '\\') backslashes += 1;
  return backslashes % 2 === 1;
};

const scalar = /[^,\]} \t\n\r]*/y;
const turn = /["[\]{}]/g;

const afterValue = (json: string, start: number): number => {
  const first = json[start];
  if (first === '"') return afterString(json, start);
  if (first !== '{' && first !== '[') return afterMatch(scalar, json, start);
  let at = start;
  let depth = 0;
  do {
    at = afterMatch(turn, json, at);
    const char = json[at - 1];
    if (char === '"') at = afterString(json, at - 1);
    else depth += char === '{' || char === '[' ? 1 : -1;
  } while (depth > 0 && at < json.length);
  return at;
};
