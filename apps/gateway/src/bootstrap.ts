import { randomUUID } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { endpointIds } from '@glasshouse/coinglass-client';
import { AnswerStore, BackfillStore, Instruments, OutcomeWatch } from '@glasshouse/fetch-queue';
import { FlagStore, inspectSource, openFlags } from '@glasshouse/flags';
import {
  createFlagGauges,
  createLifecycle,
  createProbes,
  createRedis,
  describeUpstream,
  redisReady,
  type RedisPreset,
  type ServiceParts,
} from '@glasshouse/service-kit';
import { readUsage } from '@glasshouse/teams';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { createAccess } from './access/create-access.ts';
import { BackfillDesk } from './backfills/backfill-desk.ts';
import { registerBackfillRoutes } from './backfills/backfill-routes.ts';
import { registerCanaryRoutes } from './canary/canary-routes.ts';
import { openCanaryDesk } from './canary/open-canary-desk.ts';
import type { GatewayConfig } from './config.ts';
import { Arms } from './desk/arms.ts';
import { Desk } from './desk/desk.ts';
import { createKillSwitches } from './desk/kill-switches.ts';
import { FlagDesk } from './flags/flag-desk.ts';
import { registerFlagRoutes } from './flags/flag-routes.ts';
import { GatewayModule } from './gateway.module.ts';
import { registerAnswerRoute } from './http/answer-route.ts';
import { createHitHandler } from './http/hit.ts';
import { ProblemFilter } from './http/problem.filter.ts';
import { registerProbes } from './http/probes.ts';
import { RouteTable } from './http/route-table.ts';
import { registerRoutes } from './http/routes.ts';
import { createGatewayServer } from './http/server.ts';
import { registerEventRoute } from './jobs/event-route.ts';
import { JobDesk } from './jobs/job-desk.ts';
import { JobEvents } from './jobs/job-events.ts';
import { registerJobRoutes } from './jobs/job-routes.ts';
import { StreamPlaces } from './jobs/stream-places.ts';
import { RequestObserver } from './observe/request-observer.ts';
import { registerUsageRoute } from './usage/usage-route.ts';
import { registerReference } from './reference/routes.ts';
import { Memory } from './representations/memory.ts';

/** Starts the gateway: connections, the hit path ahead of the framework, the routes, and the order in which all of it stops. */
export const startGateway = async ({
  config,
  version,
  logger,
  telemetry,
}: ServiceParts<GatewayConfig>): Promise<void> => {
  const lifecycle = createLifecycle({ logger });
  lifecycle.onStop('telemetry', () => telemetry.shutdown(), 4_000);

  const { origin, source } = describeUpstream(config);
  const upstream = { origin, plan: config.COINGLASS_PLAN };
  const redisFor = (preset: RedisPreset, name: string) =>
    createRedis(config.REDIS_URL, preset, { logger, name: `gateway-${name}` });
  const redis = {
    access: redisFor('producer', 'access'),
    answers: redisFor('producer', 'answers'),
    queues: redisFor('producer', 'queues'),
    outcomes: redisFor('subscriber', 'outcomes'),
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
  lifecycle.onStop('flags', () => flags.close(), 1_000);
  lifecycle.onStop(
    'flag gauges',
    createFlagGauges(() => flags.source()),
    100,
  );
  const arms = new Arms(flags);
  lifecycle.onStop('arms', () => arms.stop(), 100);
  const memory = new Memory({
    bytesMax: config.GATEWAY_MEMORY_MB * 1_024 * 1_024,
    serves: arms.serves,
  });
  const door = createAccess({ config, redis: redis.access, name: randomUUID(), logger });
  const { access } = door;
  lifecycle.onStop('access', () => door.stop(), 1_000);
  const observer = new RequestObserver(logger, door.tally);
  const routes = new RouteTable();
  const filter = new ProblemFilter(logger, routes);
  const app = await NestFactory.create<NestFastifyApplication>(
    GatewayModule.with({
      flags,
      arms,
      memory,
      upstream,
      lane: { limit: config.COINGLASS_RPM, windowMs: config.COINGLASS_WINDOW_MS },
      redis,
    }),
    createAdapter(createHitHandler({ memory, access, observer }), filter, routes),
    { logger: false, abortOnError: false },
  );
  app.useGlobalFilters(filter);

  const watch = app.get(OutcomeWatch);
  watch.start();
  lifecycle.onStop('waiting', () => watch.stop(), 1_000);

  const probes = createProbes({
    service: 'gateway',
    version,
    checks: {
      // Without Redis the gateway serves memory and stale answers: degraded, not down.
      'redis:ping': () =>
        redis.answers.ping().then(
          () => ({ status: 'pass' as const }),
          () => ({ status: 'warn' as const, output: 'Redis is away; memory is served' }),
        ),
      'access:keys': () => door.check(),
      'flags:source': () => Promise.resolve(inspectSource(flags.source())),
    },
    ready: () => Promise.resolve(true),
  });
  const fastify = app.getHttpAdapter().getInstance();
  routes.follow(fastify);
  registerProbes(fastify, probes);
  registerReference(fastify, version);
  registerAnswerRoute(fastify, {
    access,
    store: app.get(AnswerStore),
    upstream,
    serves: arms.serves,
    observer,
  });
  registerUsageRoute(fastify, {
    access,
    observer,
    teams: () => door.roll.teams,
    read: (team) => readUsage(redis.access, team, Date.now()),
    left: (team) => door.quota.left(team),
  });
  registerRoutes(fastify, {
    access,
    desk: app.get(Desk),
    instruments: app.get(Instruments),
    memory,
    upstream,
    observer,
  });
  const jobs = { access, observer, desk: app.get(JobDesk) };
  registerJobRoutes(fastify, {
    ...jobs,
    upstream,
    instruments: app.get(Instruments),
    forbidden: createKillSwitches(flags),
  });
  const events = new JobEvents({ watch });
  const places = new StreamPlaces();
  registerEventRoute(fastify, { ...jobs, events, places });
  registerBackfillRoutes(fastify, {
    door: { access, observer },
    desk: app.get(BackfillDesk),
    store: app.get(BackfillStore),
    places,
  });
  registerCanaryRoutes(fastify, {
    ...{ access, observer },
    desk: openCanaryDesk({ redis: redis.flags, flagsFile: config.FLAGS_FILE }),
  });
  registerFlagRoutes(fastify, {
    ...{ access, observer },
    desk: new FlagDesk({
      store: new FlagStore({ redis: redis.flags, endpointIds }),
      file: config.FLAGS_FILE,
      source: () => flags.source(),
    }),
  });
  lifecycle.onStop('http', () => app.close(), 12_000);
  lifecycle.onStop('event streams', () => events.stop(), 1_000);
  lifecycle.onStop('readiness', () => probes.drain(), 1_000);
  lifecycle.onStop('probes', () => probes.stop(), 1_000);

  // A start with Redis there should not answer its first reader with `store-unavailable`.
  await Promise.all(Object.values(redis).map((connection) => redisReady(connection, 1_000)));
  await door.begin();
  await arms.start();
  await probes.refresh();
  await app.listen(config.GATEWAY_PORT, config.HOST);
  logger.info(
    {
      event: 'gateway.ready',
      url: await app.getUrl(),
      upstream: origin,
      source,
      plan: upstream.plan,
    },
    'the gateway is ready',
  );
};

const createAdapter = (
  early: Parameters<typeof createGatewayServer>[1],
  filter: ProblemFilter,
  routes: RouteTable,
): FastifyAdapter =>
  new FastifyAdapter({
    serverFactory: (framework: RequestListener) => createGatewayServer(framework, early, routes),
    routerOptions: { maxParamLength: 4_096 },
    bodyLimit: 64 * 1_024,
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      reply.hijack();
      filter.write(error, request, reply.raw);
    },
  });
