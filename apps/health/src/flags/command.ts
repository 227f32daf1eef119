import { endpointIds } from '@glasshouse/coinglass-client';
import {
  changeFlags,
  checkDocument,
  evaluateFlag,
  FlagsError,
  FlagStore,
  knownFlagKeys,
  readFlagsFile,
  revertFlags,
  viewFlag,
  viewFlags,
  type FlagDocument,
} from '@glasshouse/flags';
import {
  ConfigError,
  createRedis,
  describeStartError,
  redisLabel,
  redisReady,
} from '@glasshouse/service-kit';
import type { Output } from '../check/command.ts';
import { printable } from '../check/table.ts';
import { readFlagsConfig, readHealthConfig, type HealthConfig } from '../config.ts';
import { redisTrouble } from '../redis-trouble.ts';
import { isWrite, readArguments, usage, type FlagsArguments, type Write } from './arguments.ts';
import { editOf, keyOf } from './edit-of.ts';
import {
  auditTable,
  changeLine,
  flagTable,
  headLine,
  historyTable,
  listTable,
  readingLine,
  type Head,
} from './tables.ts';

export interface FlagsCommandOptions {
  /** The words after the command. */
  readonly argv: readonly string[];
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** The user's name, for changes without `--actor`. */
  readonly by: string;
  readonly stdout: Output;
  readonly stderr: Output;
}

const redisWithinMs = 3_000;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Shows and changes flags. Resolves to the exit code with everything closed. */
export const runFlagsCommand = async (options: FlagsCommandOptions): Promise<0 | 1 | 2 | 3> => {
  const { argv, env, stdout, stderr } = options;
  const words = readArguments(argv);
  if (words === undefined) {
    stdout.write(usage);
    return 0;
  }
  if (typeof words === 'string') {
    stderr.write(`${words}\n\n${usage}`);
    return 2;
  }
  try {
    if (words.action === 'lint') return lint(words, options);
    return await runWith(readHealthConfig(env), words, options);
  } catch (thrown) {
    if (thrown instanceof FlagsError) {
      for (const { key, message } of thrown.problems)
        stderr.write(`${printable(`${key}: ${message}`)}\n`);
      return 1;
    }
    if (!(thrown instanceof ConfigError)) throw thrown;
    stderr.write(`${describeStartError(thrown)}\n`);
    return 2;
  }
};

const lint = (
  { words: [named], json }: FlagsArguments,
  { env, stdout }: FlagsCommandOptions,
): 0 => {
  const file = named ?? readFlagsConfig(env).FLAGS_FILE;
  const { document, warnings } = checkDocument(readFlagsFile(file), knownFlagKeys(endpointIds));
  const flags = Object.keys(document.flags).length;
  if (json) stdout.write(`${JSON.stringify({ file, flags, warnings })}\n`);
  else {
    for (const { key, message } of warnings)
      stdout.write(`${printable(`warning: ${key} ${message}`)}\n`);
    stdout.write(`${printable(file)}: ${flags} flags, nothing is wrong with them\n`);
  }
  return 0;
};

const runWith = async (
  config: HealthConfig,
  words: FlagsArguments,
  options: FlagsCommandOptions,
): Promise<0 | 1 | 3> => {
  const redis = createRedis(config.REDIS_URL, 'producer', { logger: silent, name: 'flags' });
  try {
    if (!(await redisReady(redis, redisWithinMs))) {
      options.stderr.write(`${redisLabel(config.REDIS_URL)} cannot be reached\n`);
      return 3;
    }
    const store = new FlagStore({ redis, endpointIds });
    const defaults = checkDocument(readFlagsFile(config.FLAGS_FILE), store.knownKeys).document;
    await new FlagsCommand(store, defaults, words, options).run();
    return 0;
  } catch (thrown) {
    if (thrown instanceof FlagsError) throw thrown;
    const trouble = redisTrouble(thrown, redis, config.REDIS_URL);
    if (trouble === undefined) throw thrown;
    options.stderr.write(`${printable(trouble)}\n`);
    return 3;
  } finally {
    redis.disconnect();
  }
};

class FlagsCommand {
  constructor(
    private readonly store: FlagStore,
    private readonly defaults: FlagDocument,
    private readonly words: FlagsArguments,
    private readonly options: FlagsCommandOptions,
  ) {}

  run(): Promise<void> {
    const { action } = this.words;
    if (isWrite(action)) return this.#write(action);
    switch (action) {
      case 'get':
        return this.#get();
      case 'history':
        return this.#history();
      case 'audit':
        return this.#audit();
      default:
        return this.#list();
    }
  }

  #print(json: unknown, text: string): void {
    this.options.stdout.write(`${this.words.json ? JSON.stringify(json) : text}\n`);
  }

  async #current(): Promise<{ readonly head: Head | undefined; readonly document: FlagDocument }> {
    const stored = await this.store.read();
    if (!stored) return { head: undefined, document: this.defaults };
    const { document, version, updatedAt, actor, reason } = stored;
    // What is stored may have been put there by hand; the processes do not use it then either.
    checkDocument(document, []);
    return { head: { version, updatedAt, actor, reason }, document };
  }

  async #list(): Promise<void> {
    const { head, document } = await this.#current();
    const flags = viewFlags(document);
    this.#print({ ...(head ?? { version: 0 }), flags }, listTable(head, flags));
  }

  async #get(): Promise<void> {
    const { as, words } = this.words;
    const { head, document } = await this.#current();
    const key = keyOf(document, words[0] ?? '');
    const view = viewFlag(document, key);
    const reading = as === undefined ? undefined : await evaluateFlag(document, key, as);
    this.#print(
      { version: head?.version ?? 0, ...view, ...(reading && { as, reading }) },
      [
        ...[headLine(head), '', flagTable(view)],
        ...(as !== undefined && reading ? ['', readingLine(as, reading)] : []),
      ].join('\n'),
    );
  }

  async #history(): Promise<void> {
    const rows = await this.store.history(this.words.limit);
    this.#print(rows, historyTable(rows));
  }

  async #audit(): Promise<void> {
    const rows = await this.store.audit(this.words.limit);
    this.#print(rows, auditTable(rows));
  }

  async #write(action: Write): Promise<void> {
    const { state, version } = await this.#changed(action);
    if (state === 'left') {
      this.#print({ state, version, changes: [] }, 'nothing to change: it is so already');
      return;
    }
    const [row] = (await this.store.audit(written)).filter((each) => each.version === version);
    const changes = row?.changes ?? [];
    this.#print(
      { state, version, changes },
      [`Flags version ${version}`, ...changes.map((each) => `  ${changeLine(each)}`)].join('\n'),
    );
  }

  async #changed(action: Write) {
    const { store, defaults } = this;
    const { words, reason, actor = this.options.by } = this.words;
    if (action === 'revert')
      return revertFlags({ store, defaults, version: Number(words[0]), actor, reason });
    const edit = editOf(action, words);
    const change = `${action} ${words.join(' ')}`.slice(0, changeMax);
    return changeFlags({ store, defaults, edit, actor, reason, change });
  }
}

/** Among how many of the latest rows the one just written is found. */
const written = 50;
const changeMax = 500;
