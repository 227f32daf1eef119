import { parseArgs } from 'node:util';

export const usage = `Usage: npm run flags -- <what> [options]

  list                                  every flag: what it gives, who owns it, until when
  get <flag> [--as <call id>]           one flag; with --as what one call would get, and why
  set <flag> <variant or value>         everybody gets this
  ramp <flag> <0 to 100>                so many percent of the calls get the canary, the others the baseline
  kill <endpoint id>                    switch one endpoint off, or everything: kill vendor.egress.enabled
  history [--limit 20]                  the latest versions, with who wrote them and why
  audit [--limit 20]                    the same with what each change did to each flag
  revert <version>                      the flags of an earlier version, as a new one
  lint [file]                           what is wrong with a file of flags; needs no house

  --reason "..."   why; needed by set, ramp, kill and revert
  --actor <name>   who; without it the user of this machine
  --json           JSON instead of tables
  --help           show this

Needs Redis, except lint. Exit code: 0 done, 1 refused, 2 wrong use or configuration, 3 no Redis.
`;

export const writes = ['set', 'ramp', 'kill', 'revert'] as const;
export const actions = ['list', 'get', ...writes, 'history', 'audit', 'lint'] as const;
export type Write = (typeof writes)[number];
export type Action = (typeof actions)[number];

export interface FlagsArguments {
  readonly action: Action;
  /** As many as the action takes, see `counts`. */
  readonly words: readonly string[];
  readonly as?: string;
  readonly actor?: string;
  /** There for every write. */
  readonly reason: string;
  readonly limit: number;
  readonly json: boolean;
}

/** How many words follow, at least and at most, and what they are called. */
const counts: Readonly<Record<Action, readonly [number, number, string]>> = {
  list: [0, 0, 'nothing'],
  get: [1, 1, 'a flag'],
  set: [2, 2, 'a flag, and a variant or a value'],
  ramp: [2, 2, 'a flag and a percentage'],
  kill: [1, 1, 'the id of an endpoint, or vendor.egress.enabled'],
  revert: [1, 1, 'a version'],
  history: [0, 0, 'nothing'],
  audit: [0, 0, 'nothing'],
  lint: [0, 1, 'at most one file'],
};

const limitDefault = 20;
const limitMax = 10_000;
const wordsMax = 500;

export const isWrite = (action: Action): action is Write =>
  (writes as readonly string[]).includes(action);

/** Reads the words after the command. A string is what is wrong with them; undefined: help is wanted. */
export const readArguments = (argv: readonly string[]): FlagsArguments | string | undefined => {
  const read = parsed(argv);
  if (typeof read === 'string') return read;
  const { values, positionals } = read;
  if (values.help === true) return undefined;
  const [named, ...words] = positionals;
  const action = actions.find((each) => each === named);
  if (action === undefined) return `what: is one of ${actions.join(', ')}`;
  const { as, actor, reason = '', limit = String(limitDefault), json = false } = values;
  const wrong =
    wrongWords(action, words) ??
    wrongLimit(limit) ??
    wrongWrite(action, reason) ??
    tooLong({ actor, reason, as }) ??
    (as !== undefined && action !== 'get' ? '--as: is for get' : undefined);
  if (wrong !== undefined) return wrong;
  return {
    ...{ action, words, reason, limit: Number(limit), json },
    ...(as !== undefined && { as }),
    ...(actor !== undefined && { actor }),
  };
};

const wrongWords = (action: Action, words: readonly string[]): string | undefined => {
  const [least, most, what] = counts[action];
  if (words.length < least || words.length > most) return `${action}: takes ${what}`;
  if (action === 'ramp' && !/^(\d|[1-9]\d|100)$/.test(words[1] ?? ''))
    return 'ramp: the percentage is a whole number from 0 to 100';
  if (action === 'revert' && !/^[1-9]\d{0,14}$/.test(words[0] ?? ''))
    return 'revert: the version is a whole number from 1';
  return undefined;
};

const wrongLimit = (limit: string): string | undefined =>
  /^[1-9]\d{0,4}$/.test(limit) && Number(limit) <= limitMax
    ? undefined
    : `--limit: is a whole number from 1 to ${limitMax}`;

const wrongWrite = (action: Action, reason: string): string | undefined =>
  isWrite(action) && reason.trim() === ''
    ? `${action}: needs --reason "...": who looks later wants to know why`
    : undefined;

const tooLong = (options: Readonly<Record<string, string | undefined>>): string | undefined => {
  const long = Object.entries(options).find(([, text = '']) => text.length > wordsMax);
  return long && `--${long[0]}: has at most ${wordsMax} characters`;
};

const parsed = (argv: readonly string[]) => {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        as: { type: 'string' },
        actor: { type: 'string' },
        reason: { type: 'string' },
        limit: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
};
