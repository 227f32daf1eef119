import { isLive, type Team, type TeamKey, type TeamRegister } from '@glasshouse/teams';
import { momentWords } from './words.ts';

const heads = [
  ...['team', 'weight', 'requests/min', 'permits/min'],
  ...['key', 'scopes', 'made', 'ends', 'last used'],
];

interface Line {
  readonly team: Team;
  readonly key?: TeamKey | undefined;
  readonly usedAt?: number | undefined;
}

/** All teams and keys, as a table or as JSON lines in one array. No digest is in it. */
export const listKeys = async (
  register: TeamRegister,
  json: boolean,
  now: number,
): Promise<string> => {
  const [{ teams, keys }, used] = await Promise.all([register.read(), register.lastUsed()]);
  const lines = [...teams.values()]
    .sort((one, other) => one.id.localeCompare(other.id))
    .flatMap((team): Line[] => {
      const own = [...keys.values()]
        .filter((key) => key.team === team.id)
        .sort((one, other) => one.createdAt - other.createdAt);
      return own.length === 0
        ? [{ team }]
        : own.map((key) => ({ team, key, usedAt: used.get(key.id) }));
    });
  if (json) return `${JSON.stringify(lines.map(plainOf), undefined, 2)}\n`;
  return lines.length === 0
    ? 'No team has a key. Make one: npm run keys -- create <team>\n'
    : tableOf(lines.map((line) => cellsOf(line, now)));
};

const iso = (at: number | undefined) => (at === undefined ? undefined : new Date(at).toISOString());

const plainOf = ({ team, key, usedAt }: Line) => ({
  team: team.id,
  weight: team.weight,
  requestsPerMinute: team.requestsPerMinute,
  permitsPerMinute: team.permitsPerMinute,
  ...(key && {
    keyId: key.id,
    scopes: [...key.scopes],
    createdAt: iso(key.createdAt),
    expiresAt: iso(key.expiresAt),
    lastUsedAt: iso(usedAt),
  }),
});

const cellsOf = ({ team, key, usedAt }: Line, now: number): string[] => [
  team.id,
  String(team.weight),
  String(team.requestsPerMinute ?? '-'),
  String(team.permitsPerMinute ?? '-'),
  ...(key
    ? [
        key.id,
        [...key.scopes].join(','),
        momentWords(key.createdAt),
        key.expiresAt === undefined
          ? 'never'
          : `${momentWords(key.expiresAt)}${isLive(key, now) ? '' : ' (over)'}`,
        usedAt === undefined ? 'never' : momentWords(usedAt),
      ]
    : ['no key', '', '', '', '']),
];

const tableOf = (rows: readonly (readonly string[])[]): string => {
  const all = [heads, ...rows];
  const widths = heads.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
};
