import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { endpointIds } from '@glasshouse/coinglass-client';
import { announce, JobRecords, TakenAsks } from '@glasshouse/fetch-queue';
import { openFlags } from '@glasshouse/flags';
import {
  createFlagGauges,
  createLifecycle,
  createMask,
  createRedis,
  secretsOf,
  type Logger,
  type RedisPreset,
  type ServiceParts,
} from '@glasshouse/service-kit';
import { TeamRegister, TeamRoll, UsageTally } from '@glasshouse/teams';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { FetcherAsks, leaseMs } from './asks/fetcher-asks.ts';
import { openBackfills } from './backfills/open-backfills.ts';
import { createCanaryClient, type CanaryClient } from './arms/canary-client.ts';
import { createJobArms } from './arms/job-arm.ts';
import { openLedger } from './arms/open-ledger.ts';
import { readCanaryFile } from './arms/read-canary-file.ts';
import type { FetcherConfig } from './config.ts';
import { openDesk } from './fetch/open-desk.ts';
import { FetcherModule } from './fetcher.module.ts';
import { createFetcherProbes } from './http/fetcher-probes.ts';
import { Cancellations } from './jobs/cancellations.ts';
import { createConsumerSpans } from './jobs/consumer-span.ts';
import { FetcherJobs } from './jobs/fetcher-jobs.ts';
import { JobRunner } from './jobs/job-runner.ts';
import { createTell } from './jobs/tell.ts';
import { createDeathCount } from './jobs/quarantine/death-count.ts';
import { Quarantine } from './jobs/quarantine/quarantine.ts';
import { Reaper } from './jobs/reaper/reaper.ts';
import { whenRedisIsThere } from './redis/when-redis-is-there.ts';
import { followFlagLimit } from './upstream/flag-limit.ts';
import { createTeamDirectory } from './teams/team-directory.ts';
import { openUpstream } from './upstream/open-upstream.ts';

/**
 * Starts the fetcher: connections, the door to the vendor, the workers, the probes; and the order in which all of it stops. It starts
 * without Redis, too, and takes jobs when Redis is there.
 */
export const startFetcher = async ({
  config,
  logger,
  telemetry,
}: ServiceParts<FetcherConfig>): Promise<void> => {
  const canary = createCanaryClient(readCanaryFile(config.COINGLASS_CANARY_FILE, config));
  tellCanary(logger, canary);
  const lifecycle = createLifecycle({ logger });
  lifecycle.onStop('telemetry', () => telemetry.shutdown(), 4_000);

  const redisFor = (preset: RedisPreset, name: string) =>
    createRedis(config.REDIS_URL, preset, { logger, name: `fetcher-${name}` });
  // Several, so that no answer of some MB stands before a permit or a job's lock, and nothing behind the waiting for asks.
  const redis = {
    permits: redisFor('producer', 'permits'),
    jobs: redisFor('worker', 'jobs'),
    asks: redisFor('worker', 'asks'),
    answers: redisFor('worker', 'answers'),
    flags: redisFor('producer', 'flags'),
    flagChanges: redisFor('subscriber', 'flag-changes'),
  };
  lifecycle.onStop(
    'redis',
    () => Object.values(redis).forEach((connection) => connection.disconnect()),
    1_000,
  );

  const flags = await openFlags({
    file: config.FLAGS_FILE,
    lastKnownGoodFile: config.FLAGS_LAST_KNOWN_GOOD_FILE,
    redis: redis.flags,
    subscriber: redis.flagChanges,
    endpointIds,
    logger,
  });
  // After all that asks: closed, they would say what the table says, and a switch that is off would be on.
  lifecycle.onStop('flags', () => flags.close(), 100);
  lifecycle.onStop(
    'flag gauges',
    createFlagGauges(() => flags.source()),
    100,
  );
  const roll = new TeamRoll({ register: new TeamRegister({ redis: redis.permits }) });
  const tally = new UsageTally({ redis: redis.permits });
  lifecycle.onStop('usage', () => tally.stop(), 1_000);
  const ledger = openLedger({ config, redis: redis.permits, canary });
  lifecycle.onStop('ledger', () => ledger.stop(), 1_000);
  const upstream = openUpstream({
    config,
    canary,
    ledger,
    redis: redis.permits,
    logger,
    onSpent: (team) => tally.add(team, 'permits'),
  });
  lifecycle.onStop('upstream', () => upstream.close(), 3_000);

  const records = new JobRecords(redis.jobs);
  const tell = createTell({ redis: redis.jobs, records });
  const quarantine = new Quarantine({
    program: join(import.meta.dirname, 'quarantine.js'),
    countDeath: createDeathCount(redis.jobs),
    logger,
  });
  lifecycle.onStop('quarantine', () => quarantine.stop(), 100);
  const work = openDesk({ config, upstream, answers: redis.answers, flags, logger });
  const runner = new JobRunner({
    ...work,
    quarantine,
    cancellations: new Cancellations({ records: new JobRecords(redis.answers) }),
    teams: createTeamDirectory(roll),
    armOf: createJobArms(flags),
    ledger,
    announce: { shared: tell, interactive: (outcome) => announce(redis.answers, outcome) },
    inSpan: createConsumerSpans(),
    logger,
  });
  const jobs = new FetcherJobs({
    runner,
    connection: redis.jobs,
    concurrency: config.FETCHER_SHARED_CONCURRENCY,
    logger,
  });
  const asks = new FetcherAsks({
    runner,
    lane: new TakenAsks({
      redis: redis.answers,
      blocking: redis.asks,
      fetcher: randomUUID(),
      leaseMs,
    }),
    concurrency: config.FETCHER_INTERACTIVE_CONCURRENCY,
    logger,
  });
  const stopTaking = async (): Promise<void> =>
    void (await Promise.all([asks.stop(), jobs.stop()]));
  lifecycle.onStop('jobs', stopTaking, 17_000);
  const backfills = openBackfills({
    redis: redis.answers,
    upstream,
    pipeline: upstream.pipeline,
    forbidden: work.forbidden,
    standing: work.standing,
    desk: work.desk,
    logger,
  });
  lifecycle.onStop('backfills', () => backfills.stop(), 6_000);

  const reaper = new Reaper({ redis: redis.permits, announce: tell, logger });
  lifecycle.onStop('reaper', () => reaper.stop(), 100);

  const mask = createMask(secretsOf(config));
  const probes = createFetcherProbes({
    redis: redis.permits,
    limiter: upstream.limiter,
    flags,
    jobs: {
      get taking() {
        return jobs.taking && asks.taking;
      },
      get running() {
        return runner.running;
      },
    },
    mask,
  });
  const app = await NestFactory.create<NestFastifyApplication>(
    FetcherModule.with({ probes }),
    new FastifyAdapter(),
    { logger: false, abortOnError: false },
  );
  lifecycle.onStop('http', () => app.close(), 1_000);
  lifecycle.onStop('probes', () => probes.stop(), 100);
  lifecycle.onStop('readiness', () => probes.drain(), 100);
  await app.listen(config.FETCHER_PORT, config.HOST);
  const { origin, source, plan } = upstream;
  logger.info(
    { event: 'fetcher.listening', url: await app.getUrl(), upstream: origin, source, plan },
    'the fetcher listens',
  );

  void whenRedisIsThere(
    { redis: redis.permits, config, limiter: upstream.limiter, logger, lifecycle },
    () => {
      lifecycle.onStop('flag limit', followFlagLimit(flags, upstream.limiter), 100);
      roll.start();
      tally.start();
      ledger.start();
      lifecycle.onStop('teams', () => roll.stop(), 100);
      // A job must not be on the open team's account because the teams were not read yet.
      void roll
        .refresh()
        .catch(() => undefined)
        .then(() => {
          if (lifecycle.stopping) return;
          jobs.start();
          asks.start();
          backfills.start();
          reaper.start();
          void probes.refresh();
          logger.info({ event: 'fetcher.ready' }, 'the fetcher takes jobs');
        });
    },
  );
};

/** Whoever starts a test of two arms must know what is tested. */
const tellCanary = (logger: Logger, { digest, options }: CanaryClient): void => {
  const line = { event: 'fetcher.canary', digest, options };
  if (options.length === 0) logger.info(line, 'the canary is the same client as the baseline');
  else logger.info(line, `the canary differs from the baseline in ${options.join(', ')}`);
};
