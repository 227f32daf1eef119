import {
  ConfigError,
  createRedis,
  describeStartError,
  redisLabel,
  redisReady,
} from '@glasshouse/service-kit';
import { RegisterRefusal, TeamRegister } from '@glasshouse/teams';
import { readKeysConfig } from '../config.ts';
import { listKeys } from './list.ts';
import { readOrder, WrongUse, type KeysOrder } from './options.ts';
import { madeWords, refusalWords, rotatedWords } from './words.ts';
import { usage } from './usage.ts';

export interface KeysCommandOptions {
  /** The words after the command. */
  readonly argv: readonly string[];
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  readonly now?: () => number;
}

type ExitCode = 0 | 1 | 2 | 3;
type Output = Pick<KeysCommandOptions, 'stdout' | 'stderr'>;

/** What the connection meets is said in one sentence at the end. */
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

const readyMs = 3_000;

/** Makes, lists, changes and ends team keys. Resolves to the exit code with everything closed. */
export const runKeysCommand = async (options: KeysCommandOptions): Promise<ExitCode> => {
  const { argv, env, stdout, stderr, now = Date.now } = options;
  let order: KeysOrder;
  let url: string;
  try {
    order = readOrder(argv, now());
    if (order.command === 'help') {
      stdout.write(usage);
      return 0;
    }
    url = readKeysConfig(env).REDIS_URL;
  } catch (thrown) {
    if (thrown instanceof WrongUse)
      stderr.write(
        `${thrown.message}\n${thrown.needsAll ? `\n${usage}` : 'How it is used: npm run keys -- --help\n'}`,
      );
    else if (thrown instanceof ConfigError) stderr.write(`${describeStartError(thrown)}\n`);
    else throw thrown;
    return 2;
  }
  const redis = createRedis(url, 'producer', { logger: silent, name: 'keys' });
  try {
    if (!(await redisReady(redis, readyMs))) {
      stderr.write(
        `There is no Redis at ${redisLabel(url)}: start the house, or set REDIS_URL to its Redis.\n`,
      );
      return 3;
    }
    await carryOut(order, new TeamRegister({ redis }), { stdout, stderr }, now());
    return 0;
  } catch (thrown) {
    if (thrown instanceof RegisterRefusal) {
      stderr.write(`${refusalWords(thrown.reason, subjectOf(order))}\n`);
      return 1;
    }
    stderr.write(`${redisWords(thrown, redisLabel(url))}\n`);
    return 3;
  } finally {
    redis.disconnect();
  }
};

const carryOut = async (
  order: Exclude<KeysOrder, { command: 'help' }>,
  register: TeamRegister,
  { stdout, stderr }: Output,
  now: number,
): Promise<void> => {
  switch (order.command) {
    case 'list':
      stdout.write(await listKeys(register, order.json, now));
      return;
    case 'create': {
      const first = (await register.version()) === undefined;
      const made = await register.create(order.team, order.settings, order);
      const { words, json } = madeWords(made, first);
      if (!order.json) stderr.write(words);
      stdout.write(`${order.json ? JSON.stringify(json) : made.text}\n`);
      return;
    }
    case 'rotate': {
      const made = await register.rotate(order.team, order);
      const { words, json } = rotatedWords(made, order.keepMs);
      if (!order.json) stderr.write(words);
      stdout.write(`${order.json ? JSON.stringify(json) : made.text}\n`);
      return;
    }
    case 'revoke': {
      const gone = await register.revoke(order.keyIdOrTeam);
      stderr.write(
        `Revoked: ${gone.join(', ')}. Every gateway refuses ${gone.length > 1 ? 'them' : 'it'} within 10 s.\n`,
      );
    }
  }
};

const subjectOf = (order: KeysOrder): string =>
  order.command === 'revoke' ? order.keyIdOrTeam : 'team' in order ? order.team : '';

const redisWords = (thrown: unknown, label: string): string => {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (message.startsWith('READONLY'))
    return `The Redis at ${label} is a read-only replica; set REDIS_URL to its primary. Nothing was changed.`;
  if (message.startsWith('OOM'))
    return `The Redis at ${label} is full; give it memory (maxmemory). Nothing was changed.`;
  if (/^(?:NOAUTH|WRONGPASS|NOPERM)/.test(message))
    return `The Redis at ${label} does not let us in: put user and password into REDIS_URL.`;
  return `Redis at ${label} failed: ${message}. See with "list" whether anything was changed.`;
};
