import type { MadeKey, RefusalReason, Team, TeamKey } from '@glasshouse/teams';

/** A moment as operators read it: UTC, to the minute. */
export const momentWords = (at: number): string =>
  `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

const untilWords = (expiresAt: number | undefined): string =>
  expiresAt === undefined ? 'it does not end' : `it ends ${momentWords(expiresAt)}`;

const factsOf = ({ id, team, scopes, expiresAt }: TeamKey) => ({
  keyId: id,
  team,
  scopes: [...scopes],
  ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt).toISOString() }),
});

/** Both forms of what was made: for a person, beside the key; for a machine, with the key in it. */
interface Told {
  readonly words: string;
  readonly json: Readonly<Record<string, unknown>>;
}

const quotaWords = ({ weight, requestsPerMinute, permitsPerMinute }: Team): string =>
  [
    `weight ${weight}`,
    `${requestsPerMinute ?? 'any number of'} requests per minute`,
    `${permitsPerMinute ?? 'any number of'} permits per minute`,
  ].join(', ');

export const madeWords = (
  { text, key, team }: MadeKey & { readonly team: Team },
  first: boolean,
): Told => ({
  words: [
    `Key ${key.id} of team ${key.team}: ${[...key.scopes].join(', ')}; ${untilWords(key.expiresAt)}.`,
    `Team ${team.id}: ${quotaWords(team)}.`,
    ...(first
      ? ['This is the first key: from now on every gateway asks for keys (within 10 s).']
      : []),
    'The key is shown this once and stored nowhere:',
    '',
  ].join('\n'),
  json: { key: text, ...factsOf(key), settings: team },
});

export const rotatedWords = (
  { text, key, old }: MadeKey & { readonly old: TeamKey },
  keepMs: number,
): Told => {
  const oldEnd = keepMs === 0 || old.expiresAt === undefined ? 'now' : momentWords(old.expiresAt);
  return {
    words: [
      `Key ${key.id} of team ${key.team}: ${[...key.scopes].join(', ')}; ${untilWords(key.expiresAt)}.`,
      `The old key ${old.id} ends ${oldEnd}.`,
      'The new key is shown this once and stored nowhere:',
      '',
    ].join('\n'),
    json: { key: text, ...factsOf(key), old: factsOf(old) },
  };
};

/** What the register refused, and what to do. */
export const refusalWords = (reason: RefusalReason, subject: string): string => {
  switch (reason) {
    case 'two-live-keys':
      return `Team ${subject} has two live keys already, which is all it may have. See them with "list", end one with "revoke <key id>".`;
    case 'no-live-key':
      return `Team ${subject} has no live key. Make one with "create ${subject}".`;
    case 'no-such-team':
      return `There is no team ${subject}. "list" shows those there are, "create ${subject}" makes one.`;
    case 'no-such-key':
      return `There is no key and no team ${subject}. "list" shows those there are.`;
  }
};
