import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import {
  CanaryDesk,
  CanaryRefusal,
  isOver,
  LedgerReader,
  reportMarkdown,
  RunStore,
  viewOf,
  type RunView,
} from '@glasshouse/canary';
import { FlagsError } from '@glasshouse/flags';
import {
  ConfigError,
  createRedis,
  describeStartError,
  redisLabel,
  redisReady,
} from '@glasshouse/service-kit';
import type { Output } from '../../check/command.ts';
import { printable } from '../../check/table.ts';
import { readHealthConfig, type HealthConfig } from '../../config.ts';
import { redisTrouble } from '../../redis-trouble.ts';
import { redisFlags } from '../redis-flags.ts';
import { readArguments, usage, type CanaryArguments } from './arguments.ts';
import { choosePlan } from './choose-plan.ts';
import { renderStatus } from './status-table.ts';

export interface CanaryCommandOptions {
  /** The words after the command. */
  readonly argv: readonly string[];
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** The user's name, for orders without `--actor`. */
  readonly by: string;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Between two looks of `--watch` and `--wait`, ms. */
  readonly lookEveryMs?: number;
}

export type ExitCode = 0 | 1 | 2 | 3 | 4;

const redisWithinMs = 3_000;
/** A health that restarts is back before that many looks. */
const unwatchedLooksMax = 60;
/** A controller looks at the record each second. */
const carriedOutWithinMs = 6_000;
const carriedOutLookMs = 250;
const ticksShown = 8;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Starts, shows and steers a run of the canary. Resolves to the exit code with everything closed. */
export const runCanaryCommand = async (options: CanaryCommandOptions): Promise<ExitCode> => {
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
  let config: HealthConfig;
  try {
    config = readHealthConfig(env);
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown;
    stderr.write(`${describeStartError(thrown)}\n`);
    return 2;
  }
  return runWith(config, words, options);
};

const runWith = async (
  config: HealthConfig,
  words: CanaryArguments,
  options: CanaryCommandOptions,
): Promise<ExitCode> => {
  const { stderr } = options;
  const redis = createRedis(config.REDIS_URL, 'producer', { logger: silent, name: 'canary' });
  try {
    if (!(await redisReady(redis, redisWithinMs))) {
      stderr.write(`${redisLabel(config.REDIS_URL)} cannot be reached\n`);
      return 3;
    }
    const command = new CanaryCommand(openDesk(config, redis), config, options);
    return await command.run(words);
  } catch (thrown) {
    if (thrown instanceof CanaryRefusal) {
      stderr.write(`${printable(thrown.message)}\n`);
      return 1;
    }
    if (thrown instanceof FlagsError) {
      for (const { key, message } of thrown.problems)
        stderr.write(`${printable(`${key}: ${message}`)}\n`);
      return 1;
    }
    const trouble = redisTrouble(thrown, redis, config.REDIS_URL);
    if (trouble === undefined) throw thrown;
    stderr.write(`${printable(trouble)}\n`);
    return 3;
  } finally {
    redis.disconnect();
  }
};

const openDesk = (config: HealthConfig, redis: ReturnType<typeof createRedis>): CanaryDesk => {
  const flags = redisFlags({ redis, file: config.FLAGS_FILE });
  return new CanaryDesk({
    store: new RunStore({ redis }),
    ledger: new LedgerReader({ redis }),
    flags: () => flags.read(),
  });
};

class CanaryCommand {
  constructor(
    private readonly desk: CanaryDesk,
    private readonly config: HealthConfig,
    private readonly options: CanaryCommandOptions,
  ) {}

  run(words: CanaryArguments): Promise<ExitCode> {
    switch (words.action) {
      case 'status':
        return this.#status(words);
      case 'report':
        return this.#report(words);
      default:
        return this.#order(words, words.action);
    }
  }

  async #order(
    words: CanaryArguments,
    action: Exclude<CanaryArguments['action'], 'status' | 'report'>,
  ): Promise<ExitCode> {
    const { stdout, stderr, by } = this.options;
    const order = { by: words.actor ?? by, reason: words.reason };
    if (action === 'start') {
      const plan = choosePlan(words, (path) => readFileSync(path, 'utf8'));
      if (typeof plan === 'string') {
        stderr.write(`${plan}\n`);
        return 2;
      }
      await this.desk.start(plan, order);
    } else await this.desk.order(action, order);
    const view = await this.#carriedOut();
    if (view === undefined) return 3;
    stdout.write(words.json ? `${JSON.stringify(view)}\n` : `${this.#told(view)}\n`);
    if (view.pending === undefined) return 0;
    stderr.write(
      'No health has carried it out yet: start health, or write the flags by hand (npm run flags)\n',
    );
    return 1;
  }

  /** The run once nothing is left to write, or as it is when nobody writes it. */
  async #carriedOut(): Promise<RunView | undefined> {
    const until = Date.now() + carriedOutWithinMs;
    for (;;) {
      const view = await this.#view();
      if (view?.pending === undefined || Date.now() >= until) return view;
      await delay(carriedOutLookMs);
    }
  }

  #told(view: RunView): string {
    const { id, status, share, flagVersion, warnings, arms } = view;
    return [
      `${id}: ${status}, ${share} %, flags at version ${flagVersion}`,
      printable(view.words),
      `The canary differs in: ${printable(arms.options.join(', ') || 'nothing')}`,
      ...warnings.map(printable),
    ].join('\n');
  }

  async #view(): Promise<RunView | undefined> {
    return viewOf(await this.desk.look());
  }

  async #status({ json, until }: CanaryArguments): Promise<ExitCode> {
    const { stdout, stderr, lookEveryMs = 1_000 } = this.options;
    let shown = '';
    let unwatched = 0;
    for (;;) {
      const view = await this.#viewOrAway(until);
      if (view === undefined) {
        stderr.write('There is no run; npm run canary -- start begins one\n');
        return 3;
      }
      const isThere = view !== 'away';
      const isEnd = isThere && (until === 'now' || hasAnswer(view, until));
      if (isThere && (isEnd || until === 'over')) {
        const redraws = this.#redraws(until, json);
        const news = JSON.stringify(view);
        if (redraws || news !== shown) {
          const text = json ? `${news}\n` : await this.#table(view);
          stdout.write(redraws ? `\u001b[H\u001b[J${text}` : text);
        }
        shown = news;
      }
      if (isEnd) return until === 'now' ? 0 : exitCodeOf(view);
      unwatched = isThere && view.watched ? 0 : unwatched + 1;
      if (unwatched > unwatchedLooksMax) {
        stderr.write('No health is watching: nothing will happen until one is started\n');
        return 3;
      }
      await delay(lookEveryMs);
    }
  }

  /** Who waits for an end waits for a Redis that is away, too. */
  async #viewOrAway(until: CanaryArguments['until']): Promise<RunView | 'away' | undefined> {
    try {
      return await this.#view();
    } catch (thrown) {
      if (until === 'now') throw thrown;
      return 'away';
    }
  }

  #redraws(until: CanaryArguments['until'], json: boolean): boolean {
    return until === 'over' && !json && this.options.stdout.isTTY === true;
  }

  async #table(view: RunView): Promise<string> {
    const colour = this.options.stdout.isTTY === true && this.config.NO_COLOR === undefined;
    const ticks = await this.desk.ticks(ticksShown);
    return `${renderStatus(view, ticks, { colour }, Date.now())}\n`;
  }

  async #report({ run, out, json }: CanaryArguments): Promise<ExitCode> {
    const report = await this.desk.report(run);
    if (report === undefined) {
      this.options.stderr.write(
        `There is no ${run === undefined ? 'run' : `run ${printable(run)}`}\n`,
      );
      return 3;
    }
    const text = json ? `${JSON.stringify(report, undefined, 2)}\n` : reportMarkdown(report);
    if (out === undefined) this.options.stdout.write(text);
    else writeFileSync(out, text);
    return 0;
  }
}

/** What is decided and not yet in the flags is no end. */
const hasAnswer = ({ status, pending }: RunView, until: CanaryArguments['until']): boolean =>
  pending === undefined &&
  (isOver(status) ||
    (until === 'answered' && (status === 'promoted' || status === 'inconclusive')));

const exitCodeOf = ({ status }: RunView): ExitCode => {
  if (status === 'promoted' || status === 'finished') return 0;
  return status === 'inconclusive' ? 4 : 1;
};
