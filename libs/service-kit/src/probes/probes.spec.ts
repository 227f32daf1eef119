import { afterEach, describe, expect, it } from '@jest/globals';
import { watchEventLoop } from './event-loop-lag.ts';
import { createProbes } from './probes.ts';
import type { Check, Probes, ProbesOptions } from './probes.ts';

describe('the probes', () => {
  const made: Probes[] = [];
  const probesWith = (options: Partial<ProbesOptions> = {}): Probes => {
    const probes = createProbes({
      service: 'gateway',
      version: '1.0.0',
      checks: {},
      ready: () => Promise.resolve(true),
      lagMs: () => 3,
      ...options,
    });
    made.push(probes);
    return probes;
  };
  afterEach(() => {
    for (const probes of made.splice(0)) probes.stop();
  });
  const failing: Check = () => Promise.reject(new Error('redis://:hunter22@h is away'));

  it('stay alive while everything around is sick', async () => {
    const probes = probesWith({
      checks: { redis: failing },
      ready: () => Promise.reject(new Error()),
    });
    await probes.refresh();
    expect(probes.livez()).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/health+json', 'cache-control': 'no-store' },
      body: { status: 'pass', serviceId: 'gateway', version: '1.0.0' },
    });
    expect((await probes.readyz()).status).toBe(503);
    expect(probes.health().status).toBe(503);
  });

  it('look anew when told to, though a look is under way', async () => {
    let observedValue = 'before';
    const slow = Promise.withResolvers<void>();
    const probes = probesWith({
      checks: {
        fact: () => Promise.resolve({ status: 'pass', observedValue }),
        slow: () => slow.promise.then(() => ({ status: 'pass' })),
      },
    });
    await Promise.resolve();
    observedValue = 'after';
    const refreshed = probes.refresh();
    slow.resolve();
    await refreshed;
    expect(probes.health().body['checks']).toMatchObject({ fact: [{ observedValue: 'after' }] });
  });

  it('call a process dead whose event loop stood still for 5 s', () => {
    expect(probesWith({ lagMs: () => 4_999 }).livez().status).toBe(200);
    expect(probesWith({ lagMs: () => 5_000 }).livez()).toMatchObject({
      status: 503,
      body: { checks: { 'event-loop:lag': [{ observedValue: 5_000, observedUnit: 'ms' }] } },
    });
  });

  it('are ready, until the process drains or readiness does not answer in time', async () => {
    const probes = probesWith();
    expect((await probes.readyz()).status).toBe(200);
    probes.drain();
    expect(await probes.readyz()).toMatchObject({ status: 503, body: { output: 'stopping' } });
    const silent = probesWith({ ready: () => new Promise(() => undefined) });
    expect((await silent.readyz()).status).toBe(503);
  });

  it('answer /health from the last results, without asking again', async () => {
    let asked = 0;
    const probes = probesWith({
      now: () => Date.UTC(2026, 0, 1),
      checks: {
        redis: () => {
          asked += 1;
          return Promise.resolve({ status: 'warn', observedValue: 12, observedUnit: 'ms' });
        },
      },
    });
    expect(probes.health()).toMatchObject({
      status: 200,
      body: { status: 'warn', checks: { redis: [{ output: 'not checked yet' }] } },
    });
    await probes.refresh();
    const askedBefore = asked;
    for (let i = 0; i < 50; i += 1) probes.health();
    expect(asked).toBe(askedBefore);
    expect(probes.health()).toMatchObject({
      status: 200,
      body: {
        status: 'warn',
        checks: {
          redis: [{ status: 'warn', observedValue: 12, time: '2026-01-01T00:00:00.000Z' }],
        },
      },
    });
  });

  it('are as bad as the worst check, a check that throws or hangs included, and mask what they quote', async () => {
    const probes = probesWith({
      checkTimeoutMs: 20,
      mask: (text) => text.replace('hunter22', '***'),
      checks: {
        good: () => Promise.resolve({ status: 'pass' }),
        failing,
        hanging: () => new Promise(() => undefined),
      },
    });
    await probes.refresh();
    expect(probes.health()).toMatchObject({
      status: 503,
      body: {
        status: 'fail',
        checks: {
          good: [{ status: 'pass' }],
          failing: [{ status: 'fail', output: 'redis://:***@h is away' }],
          hanging: [{ status: 'fail', output: 'no result within 20 ms' }],
        },
      },
    });
  });
});

describe('the watch on the event loop', () => {
  it('sees a block at once and afterwards, and forgets it two windows later', async () => {
    const loop = watchEventLoop(300);
    const until = performance.now() + 700;
    while (performance.now() < until);
    expect(loop.lagMs()).toBeGreaterThan(400);
    await new Promise((resolve) => setTimeout(resolve, 1));
    expect(loop.lagMs()).toBeGreaterThan(400);
    while (loop.lagMs() > 400) await new Promise((resolve) => setTimeout(resolve, 20));
    loop.stop();
  });
});
