import { createHash } from 'node:crypto';

export type KeyVerdict = 'accepted' | 'missing' | 'invalid';

/** Judges a key: exactly `only` when one is configured, else whatever begins with `sandbox`. */
export function judgeKey(key: string | undefined, only: string | undefined): KeyVerdict {
  if (!key) return 'missing';
  const fits = only === undefined ? key.startsWith('sandbox') : key === only;
  return fits ? 'accepted' : 'invalid';
}

/** What the arrival log tells of a key: enough to tell two apart, too little to be one. */
export const keyDigest = (key: string): string =>
  createHash('sha256').update(key).digest('hex').slice(0, 12);
