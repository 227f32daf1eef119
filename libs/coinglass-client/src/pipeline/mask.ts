/** Takes secrets out of a text. Whatever may reach a log, a span, an error or Redis goes through one. */
export type Mask = (text: string) => string;

/** Shorter values would blank ordinary words. */
const secretCharsMin = 4;

/**
 * Masks by value, since the vendor may echo our key wherever it likes: plain, percent-encoded or in another case.
 * The secrets are asked for each time, so that a changed key is masked from the next text on.
 */
export const maskValues =
  (secrets: () => readonly string[]): Mask =>
  (text) => {
    const spellings = secrets()
      .filter((secret) => secret.length >= secretCharsMin)
      .flatMap((secret) => [...new Set([secret, encodeURIComponent(secret)])])
      .map((spelling) => spelling.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&'));
    return spellings.length === 0
      ? text
      : text.replace(new RegExp(spellings.join('|'), 'gi'), '[masked]');
  };
