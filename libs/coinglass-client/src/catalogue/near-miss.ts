import { distance } from 'fastest-levenshtein';
import { callerTextLengthMax } from './caller-text.ts';

/**
 * What a caller may have meant: the nearest of the known names, best first. It only proposes; nobody
 * is ever served by a near miss.
 */
export const nearest = (text: string, known: Iterable<string>, most = 3): string[] => {
  const wanted = fold(text);
  if (wanted === '' || text.length > callerTextLengthMax) return [];
  const scored: { name: string; score: number }[] = [];
  for (const name of known) {
    const score = scoreOf(wanted, fold(name));
    if (score !== undefined) scored.push({ name, score });
  }
  return scored
    .sort((a, b) => a.score - b.score || compareText(a.name, b.name))
    .slice(0, most)
    .map(({ name }) => name);
};

/** Code-unit order: the same on every machine, whatever its locale. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Names compared without case and punctuation: `okx`, `OKX` and `O-K-X` are one. */
export const fold = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '');

/** Whether two names are one but for case and punctuation. */
export const sameName = (a: string, b: string): boolean => fold(a) !== '' && fold(a) === fold(b);

/** 0 = the same but for case and punctuation; undefined = too far off to propose. */
const scoreOf = (wanted: string, name: string): number | undefined => {
  if (name === wanted) return 0;
  const editsMax = wanted.length <= 4 ? 1 : wanted.length <= 8 ? 2 : 3;
  if (Math.abs(name.length - wanted.length) <= editsMax) {
    const edits = distance(wanted, name);
    // One edit in a single letter is a different letter.
    if (edits <= editsMax && edits < wanted.length) return edits;
    if (edits === 2 && sameLetters(wanted, name)) return editsMax;
  }
  const beginsAlike = name.startsWith(wanted) || wanted.startsWith(name);
  return beginsAlike && Math.min(name.length, wanted.length) >= 3 ? editsMax + 1 : undefined;
};

/** Letters in another order: `slo` for `sol`, `h1` for `1h` (the vendor's older spelling). */
const sameLetters = (a: string, b: string): boolean =>
  a.length === b.length && [...a].sort().join('') === [...b].sort().join('');
