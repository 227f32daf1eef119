import { parseArgs } from 'node:util';

export const usage = `Usage: npm run canary -- <what> [options]

  start [--mode two-arm|single-arm] [--plan file.json]   begin a run
  status [--watch | --wait]                              where it stands, and what speaks against it
  pause · resume · promote · rollback                    give an order
  clear                                                  lift the freeze after a rollback
  report [--run id] [--out file]                         all of a run, as Markdown (or JSON)

  --reason '…'   why; every order needs one
  --actor name   who; your user name unless told
  --json         JSON instead of words
  --watch        status again with each change, until the run is over
  --wait         status once the run is promoted, is over, or asks a person
  --help         show this

Needs Redis; a running health carries the orders out. Exit code: 0 done, 1 refused or not carried out, 2 wrong use or configuration,
3 nothing to ask (no Redis, no run, or nobody who brings an end about). status --wait: 0 promoted or finished, 1 rolled back or taken over, 4 inconclusive.
`;

const actions = [
  'start',
  'status',
  'pause',
  'resume',
  'promote',
  'rollback',
  'clear',
  'report',
] as const;

export interface CanaryArguments {
  readonly action: (typeof actions)[number];
  /** Two-arm unless told, here or in the plan. */
  readonly mode?: 'two-arm' | 'single-arm';
  /** Path of a file. */
  readonly plan?: string;
  readonly reason: string;
  readonly actor?: string;
  readonly run?: string;
  /** Path of a file. */
  readonly out?: string;
  readonly json: boolean;
  readonly until: 'now' | 'over' | 'answered';
}

const wordMax = 64;
const reasonMax = 500;

/** Which options mean something for which action, beside `--json`. */
const optionsOf = {
  start: ['mode', 'plan', 'reason', 'actor'],
  status: ['watch', 'wait'],
  report: ['run', 'out'],
} as const;
const ofOrders = ['reason', 'actor'];

/** Reads the words after the command. A string is what is wrong with them; undefined: help is wanted. */
export const readArguments = (argv: readonly string[]): CanaryArguments | string | undefined => {
  const read = parsed(argv);
  if (typeof read === 'string') return read;
  const { values, positionals } = read;
  if (values.help === true || (argv.length === 0 && positionals.length === 0)) return undefined;
  const [named, ...more] = positionals;
  const action = actions.find((each) => each === named);
  if (action === undefined) return `what: is one of ${actions.join(', ')}`;
  if (more.length > 0) return `${action}: takes no further word; quote a reason of several words`;
  const known: readonly string[] =
    action in optionsOf ? optionsOf[action as keyof typeof optionsOf] : ofOrders;
  const stray = Object.keys(values).find((name) => name !== 'json' && !known.includes(name));
  if (stray !== undefined) return `--${stray}: means nothing for ${action}`;
  const { mode, reason = '', actor } = values;
  if (mode !== undefined && mode !== 'two-arm' && mode !== 'single-arm')
    return '--mode: is two-arm or single-arm';
  if (known.includes('reason') && reason.trim() === '')
    return `--reason: ${action} needs one, for whoever reads the report`;
  if (reason.length > reasonMax) return `--reason: has at most ${reasonMax} characters`;
  if (actor !== undefined && (actor.trim() === '' || actor.length > wordMax))
    return `--actor: has 1 to ${wordMax} characters`;
  if (values.watch === true && values.wait === true) return '--watch and --wait: choose one';
  return {
    ...{ action, reason: reason.trim() },
    ...(mode !== undefined && { mode }),
    ...(actor !== undefined && { actor: actor.trim() }),
    ...(values.plan !== undefined && { plan: values.plan }),
    ...(values.run !== undefined && { run: values.run }),
    ...(values.out !== undefined && { out: values.out }),
    json: values.json ?? false,
    until: values.watch === true ? 'over' : values.wait === true ? 'answered' : 'now',
  };
};

const parsed = (argv: readonly string[]) => {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        mode: { type: 'string' },
        plan: { type: 'string' },
        reason: { type: 'string' },
        actor: { type: 'string' },
        run: { type: 'string' },
        out: { type: 'string' },
        watch: { type: 'boolean' },
        wait: { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
};
