import { context } from '@opentelemetry/api';
import { asFailure, endpointIds, Postponed } from '@glasshouse/coinglass-client';
import { openFlags } from '@glasshouse/flags';
import {
  contextFromTraceparent,
  createRedis,
  redisReady,
  type Logger,
  type RedisPreset,
  type ServiceParts,
} from '@glasshouse/service-kit';
import { TeamRegister, TeamRoll, UsageTally } from '@glasshouse/teams';
import type { FetcherConfig } from '../../config.ts';
import { createCanaryClient } from '../../arms/canary-client.ts';
import { openLedger } from '../../arms/open-ledger.ts';
import { readCanaryFile } from '../../arms/read-canary-file.ts';
import { openDesk } from '../../fetch/open-desk.ts';
import { createTeamDirectory } from '../../teams/team-directory.ts';
import { openUpstream } from '../../upstream/open-upstream.ts';
import { isBug } from '../job-fate.ts';
import { createJobWork } from '../job-work.ts';
import type { Ready, SetApart, Verdict } from './messages.ts';

/** How long a last request may take to be settled before the process is gone. */
const lastWordsMs = 3_000;
const redisWithinMs = 5_000;

/**
 * The other end of the quarantine: works on one job after the other as the fetcher would, and ends when the fetcher does.
 * Whatever a job does here, it does to this process alone.
 */
export const serveQuarantine = async ({
  config,
  logger,
  telemetry,
}: ServiceParts<FetcherConfig>): Promise<void> => {
  const redisFor = (preset: RedisPreset, name: string) =>
    createRedis(config.REDIS_URL, preset, { logger, name: `quarantine-${name}` });
  const permits = redisFor('producer', 'permits');
  const flags = await openFlags({
    file: config.FLAGS_FILE,
    lastKnownGoodFile: config.FLAGS_LAST_KNOWN_GOOD_FILE,
    redis: permits,
    subscriber: redisFor('subscriber', 'flag-changes'),
    endpointIds,
    logger,
  });
  const roll = new TeamRoll({ register: new TeamRegister({ redis: permits }) });
  const tally = new UsageTally({ redis: permits });
  const canary = createCanaryClient(readCanaryFile(config.COINGLASS_CANARY_FILE, config));
  const ledger = openLedger({ config, redis: permits, canary });
  const upstream = openUpstream({
    config,
    canary,
    ledger,
    redis: permits,
    logger,
    onSpent: (team) => tally.add(team, 'permits'),
  });
  const answers = redisFor('worker', 'answers');
  const work = createJobWork({
    ...openDesk({ config, upstream, answers, flags, logger }),
    teams: createTeamDirectory(roll),
    now: Date.now,
  });

  /** Its last requests are counted, too. */
  const closeUpstream = () => upstream.close().finally(() => ledger.stop());

  const say = (word: Verdict | Ready): void => {
    // A fetcher that is gone does not hear it: then the job comes back by itself.
    if (process.connected) process.send?.(word, () => undefined);
  };
  process.on('message', (message) => {
    const job = message as SetApart;
    void context.with(contextFromTraceparent(job.traceparent), async () => {
      let spent: number | undefined;
      const onSpent = (permits: number): void => void (spent = permits);
      try {
        const { call, run } = job;
        const terms = { call, signal: neverAborted, onSpent };
        const done = await work.perform(work.parse(job, job.queue), terms);
        say({ run, spent, done });
      } catch (thrown) {
        say({ ...wordsFor(thrown, job, logger), spent });
      }
    });
  });
  // A terminal sends its signals to everybody: when the fetcher stops, it says so by hanging up.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
  process.once('disconnect', () => {
    setTimeout(() => process.exit(0), lastWordsMs).unref();
    void Promise.allSettled([tally.stop(), closeUpstream(), telemetry.shutdown()]).then(() =>
      process.exit(0),
    );
  });
  if (!process.connected) process.exit(0);
  // Without Redis a first job would only be sent back; one that is away for longer is the job's to tell.
  await redisReady(permits, redisWithinMs);
  roll.start();
  tally.start();
  ledger.start();
  // A job must not be on the open team's account because the teams were not read yet.
  await roll.refresh().catch(() => undefined);
  say({ ready: true });
};

/** A job that must stop takes the process along: its fetcher kills it. */
const neverAborted = new AbortController().signal;

/** Without what it cost. */
type Words = Verdict extends infer Each
  ? Each extends Verdict
    ? Omit<Each, 'spent'>
    : never
  : never;

const wordsFor = (
  thrown: unknown,
  { run, jobId }: SetApart,
  logger: Pick<Logger, 'error'>,
): Words => {
  if (thrown instanceof Postponed) {
    return { run, postponed: { waitMs: thrown.waitMs, because: thrown.because } };
  }
  // A stack does not cross over, so it is told here.
  if (isBug(thrown)) logger.error({ event: 'quarantine.bug', jobId, err: thrown }, 'a bug');
  return { run, failure: asFailure(thrown).toRecord() };
};
