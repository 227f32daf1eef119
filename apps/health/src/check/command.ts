import { parseArgs } from 'node:util';
import {
  ConfigError,
  createLogger,
  describeStartError,
  redisLabel,
  secretsOf,
  startTelemetry,
} from '@glasshouse/service-kit';
import { readHealthConfig, streamSkippedBecause, type HealthConfig } from '../config.ts';
import { inspectRedis } from './inspect-redis.ts';
import { logRow } from './log-report.ts';
import { machineReportOf } from './machine-report.ts';
import { openRoad } from './open-road.ts';
import { exitCodeOf, type CheckReport } from './report.ts';
import type { RowResult } from './result.ts';
import type { Patience } from './row.ts';
import { startCheckRows } from './rows.ts';
import { StartCheck, type Progress } from './start-check.ts';
import { renderTable } from './table.ts';
import { version } from '../version.ts';

/** As much of a terminal or pipe as is needed. */
export interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export interface CommandOptions {
  /** The words after the command. */
  readonly argv: readonly string[];
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly patience?: Patience;
}

const usage = `Usage: npm run check [-- options]

Asks the vendor six small questions through the queue and the limiter (5 requests, at most 8) and says what
works. Needs Redis and a running fetcher.

  --json   print the report as health+json on standard output, and nothing else
  --help   show this

Exit code: 0 passed or warned, 1 failed, 2 wrong use or configuration, 3 could not run (no Redis, no fetcher, no permit).
`;

const wrongUse = 2;

/** What the connections meet shows in the rows. */
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

const commandPatience: Patience = { answerMs: 20_000, pickUpMs: 10_000 };

/**
 * The start check as a command: table or JSON on stdout; on stderr progress if that is a terminal, and else a line of JSON for
 * each failed row. Resolves to the exit code with everything closed.
 */
export const runCheckCommand = async (options: CommandOptions): Promise<0 | 1 | 2 | 3> => {
  const { argv, env, stdout, stderr } = options;
  const flags = parseFlags(argv);
  if (typeof flags === 'string') {
    stderr.write(`${flags}\n\n${usage}`);
    return wrongUse;
  }
  if (flags.help) {
    stdout.write(usage);
    return 0;
  }
  let config: HealthConfig;
  try {
    config = readHealthConfig(env);
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown;
    stderr.write(`${describeStartError(thrown)}\n`);
    return wrongUse;
  }
  const report = await runOnce(config, options);
  const colour = stdout.isTTY === true && config.NO_COLOR === undefined;
  stdout.write(
    flags.json
      ? `${JSON.stringify(machineReportOf(report), undefined, 2)}\n`
      : `${renderTable(report, { colour })}\n`,
  );
  return exitCodeOf(report);
};

/** The flags, or a sentence saying what is wrong with them. */
const parseFlags = (argv: readonly string[]): { json: boolean; help: boolean } | string => {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
    return { json: values.json ?? false, help: values.help ?? false };
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
};

const runOnce = async (
  config: HealthConfig,
  { env, stderr, patience = commandPatience }: CommandOptions,
): Promise<CheckReport> => {
  const secrets = secretsOf(config);
  const logger = createLogger({
    service: 'check',
    level: stderr.isTTY === true ? 'silent' : config.LOG_LEVEL,
    secrets,
    destination: { write: (line) => stderr.write(line) },
  });
  const telemetry = startTelemetry({ service: 'health', version, secrets, env, logger });
  const { road, redis, close } = openRoad(config.REDIS_URL, silent);
  const streamSkipped = streamSkippedBecause(config);
  const logFailed = (row: RowResult): void => {
    if (row.verdict === 'fail') logRow(logger, row);
  };
  const progress = stderr.isTTY === true ? progressOn(stderr) : undefined;
  try {
    return await new StartCheck({
      rows: startCheckRows,
      road,
      inspectRedis: () =>
        inspectRedis({
          redis,
          label: redisLabel(config.REDIS_URL),
          // Redis is there or it is not; a fetcher may be starting.
          readyMs: Math.min(3_000, patience.pickUpMs),
          production: config.NODE_ENV === 'production',
        }),
      patience,
      ...(streamSkipped !== undefined && { streamSkipped }),
    }).run(progress ?? { onEnd: logFailed });
  } finally {
    progress?.clear();
    await close();
    await telemetry.shutdown();
  }
};

/** One line that is written over and over, and gone when the table comes. */
const progressOn = (terminal: Output): Progress & { clear: () => void } => {
  const clear = (): void => void terminal.write('\r\u001b[K');
  return {
    onBegin: ({ name }) => {
      clear();
      terminal.write(`asking ${name} …`);
    },
    clear,
  };
};
