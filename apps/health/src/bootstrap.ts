import {
  createLifecycle,
  createMask,
  createProbes,
  secretsOf,
  type ServiceParts,
} from '@glasshouse/service-kit';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { openCanary } from './canary/open-canary.ts';
import { BackgroundCheck } from './check/background-check.ts';
import { openCheck } from './check/open-check.ts';
import type { HealthConfig } from './config.ts';
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

  const {
    check: shared,
    inspectRedisWithin,
    close,
  } = openCheck({
    config,
    logger,
    redisReadyMs: houseStartsMs,
    patience: { answerMs: rowMs, pickUpMs: rowMs / 2 },
    firstPatience: {
      answerMs: houseStartsMs + rowMs,
      pickUpMs: houseStartsMs,
      permitMs: config.COINGLASS_WINDOW_MS + permitLeaseMs + rowMs,
    },
  });
  lifecycle.onStop('redis', close, 2_000);
  const check = new BackgroundCheck({ check: shared, log: logger });
  lifecycle.onStop('start check', () => check.abandon(), 100);

  const canary = openCanary(config, logger);
  lifecycle.onStop('canary', canary.close, 2_000);

  const probes = createProbes({
    service: 'health',
    version,
    checks: healthChecks({ inspectRedis: inspectRedisWithin(500), check }),
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
