import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CanaryRun, Tick } from '@glasshouse/canary';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import { metrics } from '@opentelemetry/api';
import { createCanaryMetrics } from './canary-metrics.ts';
import { keepReport } from './keep-report.ts';
import { tellChange } from './tell-change.ts';
import { CanaryStage, counts } from './testing/canary-stage.ts';

/** Notes what is recorded, in place of an SDK. */
const recorded = () => {
  const points: unknown[][] = [];
  let callback: (result: unknown) => void = () => undefined;
  const instrument = (name: string) => ({
    name,
    add: (value: number, attributes?: unknown) => points.push([name, value, attributes]),
  });
  const meter = {
    createCounter: instrument,
    createObservableGauge: instrument,
    addBatchObservableCallback: (given: typeof callback) => (callback = given),
    removeBatchObservableCallback: () => (callback = () => undefined),
  };
  metrics.setGlobalMeterProvider({ getMeter: () => meter } as never);
  const observe = ({ name }: { name: string }, value: number, attributes?: unknown) =>
    points.push([name, value, attributes]);
  return { points, collect: () => callback({ observe }) };
};

(redisIsHere ? describe : describe.skip)('a run of the canary', () => {
  let server: PrivateRedis;
  let stage: CanaryStage;
  let changes: [run: CanaryRun, tick: Tick | undefined][];

  beforeAll(async () => {
    server = await PrivateRedis.started();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    stage = await new CanaryStage(server).ready();
    changes = [];
  });

  /** A run that is rolled back after its first minute. */
  const rolledBack = async (): Promise<void> => {
    const controller = stage.controller('one', {
      onChange: (run, tick) => changes.push([run, tick]),
    });
    await stage.start();
    await controller.pass();
    stage.ledger = () => counts({ auth: 40 });
    await stage.minutes(controller, 1);
    stage.now += 60_000;
    await controller.pass();
  };

  it('is told in one line for each change, the bad end louder', async () => {
    await rolledBack();
    const lines: [level: string, fields: object, message: string][] = [];
    const level = (name: string) => (fields: object, message: string) =>
      lines.push([name, fields, message]);
    for (const [run, tick] of changes)
      tellChange({ info: level('info'), warn: level('warn') } as never, run, tick);
    expect(lines.map(([name, fields]) => [name, (fields as { event: string }).event])).toEqual([
      ['info', 'canary.flags'],
      ['warn', 'canary.tick'],
      ['warn', 'canary.flags'],
    ]);
    expect(lines[1]?.[1]).toMatchObject({
      ...{ status: 'rolled-back', stage: 1, share: 0, acted: true },
      decision: { kind: 'rollback', reason: 'hard-stop' },
      calls: { canary: 40 },
    });
    expect(lines[1]?.[2]).toMatch(/^canary: .*refused the canary three times/);
  });

  it('is measured: where it stands, what speaks against it, what was decided, and calls by arm', async () => {
    const { points, collect } = recorded();
    const measured = createCanaryMetrics();
    collect();
    expect(points).toEqual([]);
    await rolledBack();
    for (const [run, tick] of changes) measured.note(run, tick);
    collect();
    expect(points).toEqual(
      expect.arrayContaining([
        ['coinglass.canary.verdicts', 1, { verdict: 'rollback', reason: 'hard-stop' }],
        ['coinglass.canary.calls', 40, { 'coinglass.arm': 'canary', outcome: 'auth' }],
        ['coinglass.canary.calls', 50, { 'coinglass.arm': 'baseline', outcome: 'ok' }],
        ['coinglass.canary.status', 1, { status: 'rolled-back' }],
        ['coinglass.canary.stage', 1, undefined],
        ['coinglass.canary.share', 0, undefined],
      ]),
    );
    const evidence = points.filter(([name]) => name === 'coinglass.canary.evidence');
    expect(evidence.map(([, , attributes]) => attributes)).toContainEqual({ group: 'auth' });
    expect(evidence.find(([, value]) => Number(value) >= 1)?.[2]).toEqual({ group: 'auth' });
    measured.stop();
    metrics.disable();
  });

  it('that is over leaves its report as files, and says so where it may not', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'canary-reports-'));
    const said: string[] = [];
    const log = { info: (_fields: object, message: string) => said.push(message) } as never;
    await rolledBack();
    const run = await stage.run();
    await keepReport(run, { store: stage.store, folder: join(folder, 'deep'), log });
    expect(readdirSync(join(folder, 'deep')).sort()).toEqual([`${run.id}.json`, `${run.id}.md`]);
    const page = readFileSync(join(folder, 'deep', `${run.id}.md`), 'utf8');
    expect(page).toContain(`# Canary ${run.id}: rolled-back`);
    expect(page).toContain('f'.repeat(32));
    writeFileSync(join(folder, 'file'), '');
    await keepReport(run, { store: stage.store, folder: join(folder, 'file'), log });
    expect(said).toEqual([
      expect.stringContaining('is in'),
      expect.stringContaining('npm run canary -- report'),
    ]);
    rmSync(folder, { recursive: true });
  });
});
