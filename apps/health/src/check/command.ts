import { parseArgs } from 'node:util';
import {
  ConfigError,
  createLogger,
  describeStartError,
  secretsOf,
  startTelemetry,
} from '@glasshouse/service-kit';
import { readHealthConfig, type HealthConfig } from '../config.ts';
import { logRow } from './log-report.ts';
import { machineReportOf } from './machine-report.ts';
import { nearest } from '@glasshouse/coinglass-client';
import { exitCodeOf } from './report.ts';
import type { RowResult } from './result.ts';
import type { Patience } from './row.ts';
import { startCheckRows } from './rows.ts';
import { openCheck } from './open-check.ts';
import type { SharedResult } from './shared-check.ts';
import type { Progress } from './start-check.ts';
import { printable, renderTable } from './table.ts';
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
works. Needs Redis and a running fetcher. What any process of the house has found in the last ten minutes is shown instead of asking.

  --fresh            ask anew
  --only <row,...>   only these rows, anew: ${startCheckRows.map(({ name }) => name).join(', ')}
  --strict           a warning counts as failed
  --json             the report as health+json on standard output; the table on standard error
  --help             show this

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
  const result = await runOnce(config, flags, options);
  const output = flags.json ? stderr : stdout;
  const colour = output.isTTY === true && config.NO_COLOR === undefined;
  const age = result.from === 'earlier-run' ? { ageMs: result.ageMs } : {};
  output.write(`${renderTable(result.report, { colour, ...age })}\n`);
  if (flags.json) {
    stdout.write(`${JSON.stringify(machineReportOf(result.report), undefined, 2)}\n`);
  }
  return exitCodeOf(result.report, flags);
};

interface Flags {
  readonly json: boolean;
  readonly help: boolean;
  readonly strict: boolean;
  readonly fresh: boolean;
  readonly only?: readonly string[];
}

/** The flags, or a sentence saying what is wrong with them. */
const parseFlags = (argv: readonly string[]): Flags | string => {
  const flag = { type: 'boolean', default: false } as const;
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        json: flag,
        strict: flag,
        fresh: flag,
        only: { type: 'string' },
        help: { ...flag, short: 'h' },
      },
    });
    const { only: list, ...flags } = values;
    if (list === undefined) return flags;
    const only = list.split(',').map((name) => name.trim());
    const unknown = only.find((name) => !rowNames.includes(name));
    return unknown === undefined ? { ...flags, only } : noSuchRow(unknown);
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
};

const rowNames = startCheckRows.map(({ name }) => name);

const noSuchRow = (name: string): string => {
  const [suggestion] = nearest(name, rowNames);
  const hint = suggestion === undefined ? '' : ` (did you mean ${suggestion}?)`;
  return `--only: "${printable(name)}" is no row of the check${hint}; rows: ${rowNames.join(', ')}`;
};

const runOnce = async (
  config: HealthConfig,
  { json, fresh, only }: Flags,
  { env, stderr, patience = commandPatience }: CommandOptions,
): Promise<SharedResult> => {
  const secrets = secretsOf(config);
  const logger = createLogger({
    service: 'check',
    level: stderr.isTTY === true || json ? 'silent' : config.LOG_LEVEL,
    secrets,
    destination: { write: (line) => stderr.write(line) },
  });
  const telemetry = startTelemetry({ service: 'health', version, secrets, env, logger });
  const opened = openCheck({
    config,
    logger: silent,
    patience,
    // Redis is there or it is not; a fetcher may be starting.
    redisReadyMs: Math.min(3_000, patience.pickUpMs),
  });
  const logFailed = (row: RowResult): void => {
    if (row.verdict === 'fail') logRow(logger, row);
  };
  const progress = stderr.isTTY === true ? progressOn(stderr) : undefined;
  try {
    return await opened.check.run({
      ...(progress ?? { onEnd: logFailed }),
      fresh,
      ...(only && { only }),
    });
  } finally {
    progress?.clear();
    await opened.close();
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
