import { createProbes, type Probes } from '@glasshouse/service-kit';
import { afterEach, describe, expect, it } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { BackgroundCheck } from './check/background-check.ts';
import type { Finding } from './check/result.ts';
import type { Row } from './check/row.ts';
import { StartCheck } from './check/start-check.ts';
import { HealthModule } from './health.module.ts';
import { healthChecks } from './probes/health-checks.ts';

/** The service over two rows: the first passes at once, the second finds what `second` brings when it is there. */
const service = async (second: Promise<Finding>) => {
  const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const row = (name: string, finding: () => Promise<Finding>): Row => ({
    name,
    subject: 'request',
    permitsMax: 1,
    run: finding,
  });
  const redisPasses = (): Promise<Finding> => Promise.resolve({ verdict: 'pass' });
  const startCheck = new StartCheck({
    rows: [
      row('first', () => Promise.resolve({ verdict: 'pass', permits: 1 })),
      row('second', () => second),
    ],
    road: {
      ask: () => Promise.reject(new Error('unused')),
      factsOf: () => Promise.resolve(undefined),
    },
    inspectRedis: redisPasses,
    flagsSource: () => Promise.reject(new Error('unused')),
    patience: { answerMs: 1_000, pickUpMs: 1_000 },
  });
  const check = new BackgroundCheck({
    check: {
      run: async (terms) => ({ report: await startCheck.run(terms), from: 'own-run', ageMs: 0 }),
      last: () => Promise.resolve(undefined),
    },
    log: silent,
  });
  const probes = createProbes({
    service: 'health',
    version: '0.1.0',
    checks: healthChecks({ inspectRedis: redisPasses, check }),
    ready: () => Promise.resolve(true),
    lagMs: () => 0,
  });
  const app = await NestFactory.create<NestFastifyApplication>(
    HealthModule.of({ probes, check }),
    new FastifyAdapter(),
    { logger: false },
  );
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  const get = async (url: string) => {
    const { statusCode, headers, body } = await app.inject({ method: 'GET', url });
    return { status: statusCode, type: headers['content-type'], body: JSON.parse(body) as object };
  };
  return { app, check, probes, get };
};

describe('the service', () => {
  let opened: { app: NestFastifyApplication; probes: Probes } | undefined;
  afterEach(async () => {
    opened?.probes.stop();
    await opened?.app.close();
  });

  it('answers its probes while the check still runs, and shows how far it is', async () => {
    const { promise: second, resolve: answerSecond } = Promise.withResolvers<Finding>();
    const { get, check, probes, ...rest } = await service(second);
    opened = { probes, ...rest };
    const run = check.run();

    expect(await get('/livez')).toMatchObject({ status: 200, type: 'application/health+json' });
    expect(await get('/readyz')).toMatchObject({ status: 200, body: { status: 'pass' } });
    const running = { verdict: 'running', passed: 1, failed: 0, rows: [{ name: 'first' }] };
    expect(await get('/check')).toMatchObject({ status: 200, body: running });
    expect(await get('/health')).toMatchObject({
      status: 200,
      type: 'application/health+json',
      body: { status: 'pass', serviceId: 'health', startCheck: running },
    });

    answerSecond({ verdict: 'warn', permits: 2 });
    await run;
    await probes.refresh();
    const finished = { verdict: 'warn', passed: 1, warned: 1, finishedAt: expect.any(String) };
    expect(await get('/check')).toMatchObject({ body: { ...finished, permits: 3 } });
    expect(await get('/health')).toMatchObject({
      status: 200,
      body: { status: 'warn', startCheck: finished },
    });
  });

  it('is unhealthy, but alive and ready, after a failed check', async () => {
    const failed: Finding = { verdict: 'fail', kind: 'upstream-credentials', permits: 1 };
    const { get, check, probes, ...rest } = await service(Promise.resolve(failed));
    opened = { probes, ...rest };
    await check.run();
    await probes.refresh();

    expect(await get('/health')).toMatchObject({
      status: 503,
      body: {
        status: 'fail',
        checks: { 'start-check:verdict': [{ status: 'fail', observedValue: 'fail' }] },
        startCheck: { verdict: 'fail', failed: 1 },
      },
    });
    expect(await get('/livez')).toMatchObject({ status: 200 });
    expect(await get('/readyz')).toMatchObject({ status: 200 });
  });
});
