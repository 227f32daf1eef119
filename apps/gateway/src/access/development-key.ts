import { digestOf, parseKey, scopes } from '@glasshouse/teams';
import type { DevelopmentKey } from './key-book.ts';

/** Undefined for what is no team key. It may do everything, on the account of a team named development. */
export const developmentKeyOf = (text: string): DevelopmentKey | undefined => {
  const parsed = parseKey(text);
  if (!parsed) return undefined;
  return {
    team: { id: 'development', weight: 1 },
    key: {
      id: parsed.id,
      team: 'development',
      digest: digestOf(text),
      scopes: new Set(scopes),
      createdAt: 0,
    },
  };
};
