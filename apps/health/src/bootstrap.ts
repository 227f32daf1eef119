import {
  createLifecycle,
  createMask,
  createProbes,
  redisLabel,
  secretsOf,
  type ServiceParts,
} from '@glasshouse/service-kit';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { openCanary } from './canary/open-canary.ts';
import { BackgroundCheck } from './check/background-check.ts';
import { inspectRedis } from './check/inspect-redis.ts';
import { openRoad } from './check/open-road.ts';
import { startCheckRows } from './check/rows.ts';
import { StartCheck } from './check/start-check.ts';
import { streamSkippedBecause, type HealthConfig } from './config.ts';
import { HealthModule } from './health.module.ts';
import { healthChecks } from './probes/health-checks.ts';

/** How long a starting house may need until Redis answers and a fetcher takes jobs. */
const houseStartsMs = 30_000;
/** For an ordinary row, which takes well under a second: room for a permit and a second try. */
const rowMs = 20_000;
/** After a loss of its state the limiter grants nothing for a window and this, the longest a permit may have been under way. */
const permitLeaseMs = 30_000;

/** Starts the service: probes first, then the check in the background, which nothing waits for; and the order in which it stops. */
export const startHealth = async ({
  config,
  version,
  logger,
  telemetry,
}: ServiceParts<HealthConfig>): Promise<void> => {
  const lifecycle = createLifecycle({ logger });
  lifecycle.onStop('telemetry', () => telemetry.shutdown(), 4_000);

  const { road, redis, close } = openRoad(config.REDIS_URL, logger);
  lifecycle.onStop('redis', close, 2_000);
  const inspectWithin = (readyMs: number) => () =>
    inspectRedis({
      redis,
      label: redisLabel(config.REDIS_URL),
      readyMs,
      production: config.NODE_ENV === 'production',
    });

  const streamSkipped = streamSkippedBecause(config);
  const check = new BackgroundCheck({
    check: new StartCheck({
      rows: startCheckRows,
      road,
      inspectRedis: inspectWithin(houseStartsMs),
      patience: { answerMs: rowMs, pickUpMs: rowMs / 2 },
      firstPatience: {
        answerMs: houseStartsMs + rowMs,
        pickUpMs: houseStartsMs,
        permitMs: config.COINGLASS_WINDOW_MS + permitLeaseMs + rowMs,
      },
      ...(streamSkipped !== undefined && { streamSkipped }),
    }),
    log: logger,
  });
  lifecycle.onStop('start check', () => check.abandon(), 100);

  const canary = openCanary(config, logger);
  lifecycle.onStop('canary', canary.close, 2_000);

  const probes = createProbes({
    service: 'health',
    version,
    checks: healthChecks({ inspectRedis: inspectWithin(500), check }),
    ready: () => Promise.resolve(true),
    mask: createMask(secretsOf(config)),
  });
  const app = await NestFactory.create<NestFastifyApplication>(
    HealthModule.of({ probes, check }),
    new FastifyAdapter(),
    { logger: false, abortOnError: false },
  );
  lifecycle.onStop('http', () => app.close(), 5_000);
  lifecycle.onStop('readiness', () => probes.drain(), 100);
  lifecycle.onStop('probes', () => probes.stop(), 100);

  await app.listen(config.HEALTH_PORT, config.HOST);
  logger.info({ event: 'health.ready', url: await app.getUrl() }, 'health is ready');

  void check.run().then(() => probes.refresh());
};
