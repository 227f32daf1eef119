import { parseArgs } from 'node:util';

export const usage = `Usage: npm run jobs -- <what> [options]

  failed [--kind invalid-job] [--limit 20]      failed jobs, the newest first; kept for 7 days, 10,000 of them
  show <id>                                     one failed job, with its data
  replay <id> …                                 the same data as a new job; each is replayed once
  replay --kind upstream-unavailable [--limit]  all of a kind, the newest first
  discard <id> …                                remove failed jobs for good
  add '<json>' [--id <id>] [--once]             a job for the shared queue, as a producer adds it

  --json   one line of JSON for each job
  --help   show this

Needs Redis. Exit code: 0 done, 1 not (all) done, 2 wrong use or configuration, 3 no Redis.
`;

export const actions = ['failed', 'show', 'replay', 'discard', 'add'] as const;

export interface JobsArguments {
  readonly action: (typeof actions)[number];
  /** Job ids, or the job of `add`. */
  readonly words: readonly string[];
  readonly kind?: string;
  readonly limit: number;
  readonly id?: string;
  readonly once: boolean;
  readonly json: boolean;
}

const limitDefault = 20;
const limitMax = 10_000;

/** Reads the words after the command. A string is what is wrong with them; undefined: help is wanted. */
export const readArguments = (argv: readonly string[]): JobsArguments | string | undefined => {
  const read = parsed(argv);
  if (typeof read === 'string') return read;
  const { values, positionals } = read;
  if (values.help === true) return undefined;
  const [named, ...words] = positionals;
  const action = actions.find((each) => each === named);
  if (action === undefined) return `what: is one of ${actions.join(', ')}`;
  const { kind, id, limit = String(limitDefault) } = values;
  if (!/^[1-9]\d{0,4}$/.test(limit) || Number(limit) > limitMax) {
    return `--limit: is a whole number from 1 to ${limitMax}`;
  }
  const isNamed = words.length > 0;
  if (action === 'failed' && isNamed) return 'failed: takes no id; see show';
  if (action !== 'failed' && !isNamed && !(action === 'replay' && kind !== undefined)) {
    return `${action}: ${action === 'add' ? 'needs the job as JSON' : 'needs the id of a job'}`;
  }
  if ((action === 'show' || action === 'add') && words.length > 1) return `${action}: takes one`;
  return {
    ...{ action, words, limit: Number(limit) },
    ...(kind !== undefined && { kind }),
    ...(id !== undefined && { id }),
    once: values.once ?? false,
    json: values.json ?? false,
  };
};

const parsed = (argv: readonly string[]) => {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        kind: { type: 'string' },
        limit: { type: 'string' },
        id: { type: 'string' },
        once: { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
};
