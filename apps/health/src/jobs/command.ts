import { isFailure } from '@glasshouse/coinglass-client';
import { createProducer, openQueue, type FetchJobInput } from '@glasshouse/fetch-queue';
import {
  ConfigError,
  createRedis,
  describeStartError,
  redisLabel,
  redisReady,
} from '@glasshouse/service-kit';
import { printable } from '../check/table.ts';
import type { Output } from '../check/command.ts';
import { readHealthConfig, type HealthConfig } from '../config.ts';
import { readArguments, usage, type JobsArguments } from './arguments.ts';
import { FailedJobs, type FailedJob } from './failed-jobs.ts';

export interface JobsCommandOptions {
  /** The words after the command. */
  readonly argv: readonly string[];
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** The user's name, for the record of a replay. */
  readonly by: string;
  readonly stdout: Output;
  readonly stderr: Output;
}

const redisWithinMs = 3_000;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Lists, shows, replays and discards failed jobs, and adds new ones. Resolves to the exit code with everything closed. */
export const runJobsCommand = async (options: JobsCommandOptions): Promise<0 | 1 | 2 | 3> => {
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
  words: JobsArguments,
  { by, stdout, stderr }: JobsCommandOptions,
): Promise<0 | 1 | 3> => {
  const redis = createRedis(config.REDIS_URL, 'producer', { logger: silent, name: 'jobs' });
  const queue = openQueue('shared', redis);
  const print: Print = (job, ...lines) =>
    void stdout.write(`${words.json ? JSON.stringify(job) : lines.map(printable).join('\n')}\n`);
  try {
    if (!(await redisReady(redis, redisWithinMs))) {
      stderr.write(`${redisLabel(config.REDIS_URL)} cannot be reached\n`);
      return 3;
    }
    const act = new JobsActions(new FailedJobs({ queue, redis, by }), print);
    const problems =
      words.action === 'add' ? await addJob(redis, words, print) : await act[words.action](words);
    for (const problem of problems) stderr.write(`${printable(problem)}\n`);
    return problems.length > 0 ? 1 : 0;
  } finally {
    await queue.close();
    redis.disconnect();
  }
};

type Print = (job: object, ...lines: string[]) => void;

/** What could not be done, one sentence each. */
type Problems = Promise<string[]>;

class JobsActions {
  constructor(
    private readonly failedJobs: FailedJobs,
    private readonly print: Print,
  ) {}

  async failed(words: JobsArguments): Problems {
    const jobs = await this.failedJobs.list(words);
    for (const job of jobs) this.print(job, lineOf(job));
    if (jobs.length === 0 && !words.json) this.print({}, 'there are no failed jobs');
    return [];
  }

  show(words: JobsArguments): Problems {
    return this.#each(words, async (job) => this.print(job, lineOf(job), `  ${job.data}`));
  }

  replay(words: JobsArguments): Problems {
    return this.#each(words, async (job) => {
      const { jobId, before, deadlineDropped } = await this.failedJobs.replay(job);
      const added = before ? 'was replayed before, as' : 'is replayed as';
      const dropped = deadlineDropped ? ', without its deadline, which has passed' : '';
      this.print({ id: job.id, jobId, before }, `${job.id} ${added} ${jobId}${dropped}`);
    });
  }

  discard(words: JobsArguments): Problems {
    return this.#each(words, async (job) => {
      await this.failedJobs.discard(job);
      this.print({ id: job.id, discarded: true }, `${job.id} is discarded`);
    });
  }

  async #each(words: JobsArguments, act: (job: FailedJob) => Promise<void>): Problems {
    const problems: string[] = [];
    const ids =
      words.words.length > 0
        ? words.words
        : (await this.failedJobs.list(words)).map(({ id }) => id);
    for (const id of ids) {
      const job = await this.failedJobs.find(id);
      if (job === undefined) problems.push(`${id}: there is no such failed job`);
      else await act(job).catch((thrown: unknown) => problems.push(`${id}: ${String(thrown)}`));
    }
    return problems;
  }
}

const addJob = async (
  redis: ReturnType<typeof createRedis>,
  { words: [text = ''], id, once }: JobsArguments,
  print: Print,
): Problems => {
  const producer = createProducer({ redis });
  try {
    // Whatever it is: the producer reads it strictly.
    const job = JSON.parse(text) as FetchJobInput;
    const added = await producer.add(job, { ...(id !== undefined && { jobId: id }), once });
    if (added.state === 'shed') {
      return [`not added (${added.because}): there is room in ${added.retryAfterMs / 1_000} s`];
    }
    print(added, `${added.jobId} ${added.state}`);
    return [];
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return [`the job is not JSON: ${thrown.message}`];
    if (isFailure(thrown)) return [thrown.message];
    throw thrown;
  } finally {
    await producer.close();
  }
};

const timeOf = (atMs: number): string => (atMs > 0 ? new Date(atMs).toISOString() : 'at no time');

const lineOf = ({
  id,
  failedAt,
  failedReason,
  replayedAs,
  replayedBy,
  replayedAt,
}: FailedJob): string =>
  [
    `${timeOf(failedAt)}  ${id}  ${failedReason}`,
    ...(replayedAs === undefined
      ? []
      : [`(replayed as ${replayedAs} by ${replayedBy ?? 'somebody'}, ${timeOf(replayedAt ?? 0)})`]),
  ].join('  ');
