/** Shorter texts are found in everything; masking them would blank the log, not the secret. */
const shortestMaskable = 4;

export type Mask = (text: string) => string;

/**
 * The parts of a secret's base64 that do not depend on what stands before or after it: `user:key` and
 * `key` differ in every character, unless one looks at each of the three alignments.
 */
const base64Parts = (secret: string): string[] =>
  [0, 1, 2].flatMap((offset) => {
    const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret)]);
    const from = Math.ceil((offset * 8) / 6);
    const to = Math.floor((bytes.length * 8) / 6);
    return [bytes.toString('base64'), bytes.toString('base64url')].map((text) =>
      text.slice(from, to),
    );
  });

const formsOf = (secret: string): string[] => {
  const encoded = encodeURIComponent(secret.toWellFormed());
  const hex = Buffer.from(secret).toString('hex');
  const escaped = JSON.stringify(secret).slice(1, -1);
  return [
    secret,
    escaped,
    JSON.stringify(escaped).slice(1, -1),
    encoded,
    encoded.replace(/%[0-9A-F]{2}/g, (octet) => octet.toLowerCase()),
    encoded.replaceAll('%20', '+'),
    hex,
    hex.toUpperCase(),
    ...base64Parts(secret),
  ];
};

const literally = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/**
 * A function that replaces each known secret by `***`, wherever it stands: as it is, escaped for JSON (once
 * or twice), URL-encoded, in hex, in base64 at any alignment. Masking is by value, because a secret turns up
 * in messages, stacks and URLs, where no list of field names finds it. Secrets under 4 characters are not masked.
 */
export const createMask = (secrets: readonly string[]): Mask => {
  const forms = [
    ...new Set(
      secrets
        .filter((secret) => secret.length >= shortestMaskable)
        .flatMap((secret) => formsOf(secret)),
    ),
  ]
    .filter((form) => form.length >= shortestMaskable)
    .sort((a, b) => b.length - a.length);
  if (forms.length === 0) return (text) => text;
  const anyForm = new RegExp(forms.map(literally).join('|'), 'g');
  return (text) =>
    forms.some((form) => text.includes(form)) ? text.replace(anyForm, '***') : text;
};
