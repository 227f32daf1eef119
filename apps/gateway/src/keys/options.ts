import { parseArgs } from 'node:util';
import {
  reservedTeamIds,
  scopes as allScopes,
  teamIdForm,
  type Scope,
  type TeamSettings,
} from '@glasshouse/teams';

/** What was asked for, read and checked. Moments are epoch ms. */
export type KeysOrder =
  | { readonly command: 'help' }
  | { readonly command: 'list'; readonly json: boolean }
  | {
      readonly command: 'create';
      readonly team: string;
      readonly scopes: readonly Scope[];
      readonly settings: TeamSettings;
      readonly expiresAt?: number | undefined;
      readonly json: boolean;
    }
  | {
      readonly command: 'rotate';
      readonly team: string;
      readonly keepMs: number;
      readonly expiresAt?: number | undefined;
      readonly json: boolean;
    }
  | { readonly command: 'revoke'; readonly keyIdOrTeam: string };

/** Wrong use; the message says what would be right. */
export class WrongUse extends Error {
  override readonly name = 'WrongUse';
  constructor(
    message: string,
    /** Not one word was understood: only the whole help will do. */
    readonly needsAll = false,
  ) {
    super(message);
  }
}

const text = { type: 'string' } as const;
const options = {
  scopes: text,
  expires: text,
  weight: text,
  'requests-per-minute': text,
  'permits-per-minute': text,
  keep: text,
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Which options a command takes, beside --help. */
const taken: Readonly<Record<string, readonly (keyof typeof options)[]>> = {
  create: [
    ...(['scopes', 'expires', 'weight', 'requests-per-minute', 'permits-per-minute'] as const),
    'json',
  ],
  list: ['json'],
  rotate: ['keep', 'expires', 'json'],
  revoke: [],
};

/** @throws WrongUse */
export const readOrder = (argv: readonly string[], now: number): KeysOrder => {
  const { values, positionals } = parse(argv);
  const [command, name, ...more] = positionals;
  if (values.help || command === 'help') return { command: 'help' };
  const known = command === undefined ? undefined : taken[command];
  if (!known) {
    throw new WrongUse(
      command === undefined ? 'Say what to do.' : `There is no command ${command}.`,
      true,
    );
  }
  for (const option of Object.keys(values))
    if (!known.includes(option as keyof typeof options))
      throw new WrongUse(`${command} takes no --${option}.`);
  if (more.length > 0) throw new WrongUse(`${command} takes one name, not "${more[0]}" besides.`);
  const { json = false } = values;
  const expiresAt = values.expires === undefined ? undefined : readMoment(values.expires, now);
  switch (command) {
    case 'list':
      if (name !== undefined) throw new WrongUse('list takes no name.');
      return { command, json };
    case 'revoke':
      if (name === undefined) throw new WrongUse('revoke needs the id of a key, or a team.');
      return { command, keyIdOrTeam: name };
    case 'rotate':
      return {
        command,
        team: readTeam(name),
        keepMs: readDuration(values.keep ?? '24h', '--keep'),
        expiresAt,
        json,
      };
    default:
      return {
        command: 'create',
        team: readTeam(name),
        scopes: readScopes(values.scopes ?? 'read'),
        settings: {
          weight: readNumber(values.weight, '--weight', 100),
          requestsPerMinute: readQuota(values['requests-per-minute'], '--requests-per-minute'),
          permitsPerMinute: readQuota(values['permits-per-minute'], '--permits-per-minute'),
        },
        expiresAt,
        json,
      };
  }
};

const parse = (argv: readonly string[]) => {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (thrown) {
    throw new WrongUse(thrown instanceof Error ? thrown.message : String(thrown));
  }
};

const readTeam = (name: string | undefined): string => {
  if (name === undefined) throw new WrongUse('Which team? Its name is missing.');
  if (!teamIdForm.test(name))
    throw new WrongUse(
      `"${name}" is no name for a team: 1 to 32 characters of a-z, 0-9 and -, the first one a letter.`,
    );
  if (reservedTeamIds.includes(name))
    throw new WrongUse(`"${name}" is the house's own name; call the team something else.`);
  return name;
};

const readScopes = (list: string): readonly Scope[] => {
  const names = list.split(',').map((each) => each.trim());
  const unknown = names.filter((name) => !allScopes.some((scope) => scope === name));
  if (unknown.length > 0)
    throw new WrongUse(
      `--scopes: "${unknown.join(', ')}" is none; there are ${allScopes.join(', ')}.`,
    );
  return [...new Set(names)] as Scope[];
};

const readNumber = (value: string | undefined, option: string, max: number): number | undefined => {
  if (value === undefined) return undefined;
  const number = /^\d{1,8}$/.test(value) ? Number(value) : NaN;
  if (number >= 1 && number <= max) return number;
  throw new WrongUse(`${option} is a whole number from 1 to ${max}, not "${value}".`);
};

const readQuota = (value: string | undefined, option: string): number | null | undefined =>
  value === 'none' ? null : readNumber(value, option, 10_000_000);

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

const readDuration = (value: string, option: string): number => {
  if (value === '0') return 0;
  const [, number, unit] = /^(\d{1,5})([smhd])$/.exec(value) ?? [];
  if (number === undefined)
    throw new WrongUse(`${option} is a duration such as 30m, 24h or 7d, not "${value}".`);
  return Number(number) * unitMs[unit as keyof typeof unitMs];
};

const momentForm = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?Z)?$/;

const readMoment = (value: string, now: number): number => {
  const at = momentForm.test(value)
    ? Date.parse(value)
    : /^\d+[smhd]$/.test(value)
      ? now + readDuration(value, '--expires')
      : NaN;
  if (!Number.isFinite(at))
    throw new WrongUse(
      `--expires is a day such as 2027-01-01 (UTC), a moment such as 2027-01-01T12:00:00Z, or a duration such as 90d, not "${value}".`,
    );
  if (at <= now) throw new WrongUse(`--expires: ${value} is over already.`);
  return at;
};
