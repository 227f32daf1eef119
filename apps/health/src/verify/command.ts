import { ConfigError, describeStartError, redisLabel, redisReady } from '@glasshouse/service-kit';
import type { Output } from '../check/command.ts';
import { openRoad } from '../check/open-road.ts';
import type { Patience } from '../check/row.ts';
import { printable } from '../check/table.ts';
import { readHealthConfig, streamSkippedBecause, type HealthConfig } from '../config.ts';
import { curlScript } from './curl.ts';
import { askGateway, GatewayAway } from './gateway.ts';
import { judgeGatewayAnswer, NoEntry } from './judge-answer.ts';
import { readOptions, streamName, usage, type VerifyOptions } from './options.ts';
import { questionsIn, type Question } from './question.ts';
import { verifyExitCode, verifyReportOf, type VerifyReport } from './verify-report.ts';
import type { VerifyRow } from './verify-row.ts';
import { renderVerification } from './verify-table.ts';
import { verifyStream, verifyUpstream } from './verify-upstream.ts';

export interface VerifyCommandOptions {
  /** The words after the command. */
  readonly argv: readonly string[];
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly patience?: Patience;
  readonly paceMs?: number;
}

/** Could not be asked at all, in words. */
class CouldNotAsk extends Error {
  override readonly name = 'CouldNotAsk';
}

const redisWithinMs = 3_000;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** The verification as a command. Resolves to the exit code with everything closed. */
export const runVerifyCommand = async (parts: VerifyCommandOptions): Promise<0 | 1 | 2 | 3> => {
  const { argv, env, stdout, stderr } = parts;
  const options = readOptions(argv, env);
  if (typeof options === 'string') {
    stderr.write(`${printable(options)}\nnpm run verify -- --help shows all options\n`);
    return 2;
  }
  if (options.help) {
    stdout.write(usage);
    return 0;
  }
  const questions = questionsOf(options);
  if (options.curl) {
    stdout.write(curlScript(options.url ?? '', questions, options.only.includes(streamName)));
    return 0;
  }
  try {
    const config = readHealthConfig(env);
    const report = await verify(options, questions, config, parts);
    const output = options.json ? stderr : stdout;
    const colour = output.isTTY === true && config.NO_COLOR === undefined;
    output.write(`${renderVerification(report, { colour })}\n`);
    if (options.json) stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
    return verifyExitCode(report);
  } catch (thrown) {
    const { code, message } = told(thrown, options);
    stderr.write(`${message}\n`);
    return code;
  }
};

const questionsOf = ({ faces, only, upstream }: VerifyOptions): readonly Question[] =>
  upstream ? [] : questionsIn(faces).filter(({ endpoint }) => only.includes(endpoint.id));

const verify = async (
  options: VerifyOptions,
  questions: readonly Question[],
  config: HealthConfig,
  parts: VerifyCommandOptions,
): Promise<VerifyReport> => {
  const startedAt = Date.now();
  const rows: VerifyRow[] = [];
  const { url = '', key } = options;
  for (const question of questions) {
    rows.push(judgeGatewayAnswer(question, await askGateway({ url, key }, question.path)));
  }
  if (options.upstream || options.only.includes(streamName)) {
    rows.push(...(await throughTheFetcher(options, config, parts)));
  }
  const asked = options.upstream ? 'upstream, through the fetcher' : url;
  return verifyReportOf(rows, { asked, startedAt, endedAt: Date.now() });
};

/** What goes as jobs: over the Redis of the house, where a gateway far away may be all there is. */
const throughTheFetcher = async (
  { upstream, only }: VerifyOptions,
  config: HealthConfig,
  { env, paceMs, patience = { answerMs: 20_000, pickUpMs: 10_000 } }: VerifyCommandOptions,
): Promise<VerifyRow[]> => {
  const { road, redis, close } = openRoad(config.REDIS_URL, silent);
  const parts = { road, patience, ...(paceMs !== undefined && { paceMs }) };
  try {
    const isNamed = env['REDIS_URL'] !== undefined;
    if ((upstream || isNamed) && !(await redisReady(redis, redisWithinMs))) {
      throw new CouldNotAsk(
        `${redisLabel(config.REDIS_URL)} cannot be reached: it is the way to the fetcher`,
      );
    }
    const unaskable = isNamed || upstream ? streamSkippedBecause(config) : noRedisNamed;
    return [
      ...(upstream ? await verifyUpstream(only, parts) : []),
      ...(only.includes(streamName) ? [await verifyStream(parts, unaskable)] : []),
    ];
  } finally {
    await close();
  }
};

const noRedisNamed = 'the stream is asked for over the Redis of the house: set REDIS_URL';

/** What ended the verification, and what to do about it. */
const told = (thrown: unknown, { key }: VerifyOptions): { code: 2 | 3; message: string } => {
  if (thrown instanceof NoEntry) {
    const remedy =
      key === undefined
        ? 'this gateway asks for a team key: set GLASSHOUSE_KEY; npm run keys -- create <team> makes one'
        : 'the key in GLASSHOUSE_KEY (or --key) is not let in here: npm run keys -- list shows which are, and what they may do';
    return { code: 2, message: `${printable(thrown.message)}\n  ${remedy}` };
  }
  if (thrown instanceof GatewayAway || thrown instanceof CouldNotAsk) {
    return { code: 3, message: thrown.message };
  }
  if (thrown instanceof ConfigError) return { code: 2, message: describeStartError(thrown) };
  throw thrown;
};
