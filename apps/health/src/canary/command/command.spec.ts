import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Leadership,
  LedgerReader,
  MinuteLedger,
  RunStore,
  type CanaryRun,
} from '@glasshouse/canary';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import { redisReady } from '@glasshouse/service-kit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import { readHealthConfig } from '../../config.ts';
import { CanaryController } from '../controller.ts';
import { redisFlags } from '../redis-flags.ts';
import { CanaryRunner } from '../runner.ts';
import { runCanaryCommand } from './command.ts';

const run = async (argv: readonly string[], redisUrl = 'redis://127.0.0.1:1') => {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCanaryCommand({
    argv,
    env: { REDIS_URL: redisUrl },
    by: 'ada',
    lookEveryMs: 5,
    stdout: { write: (text) => out.push(text) },
    stderr: { write: (text) => err.push(text) },
  });
  return { code, out: out.join(''), err: err.join('') };
};

describe('the canary command, used wrongly,', () => {
  it.each([
    [['go'], 'what: is one of start, status, pause, resume, promote, rollback, clear, report'],
    [['start'], '--reason: start needs one'],
    [['pause', '--reason', ' '], '--reason: pause needs one'],
    [['start', '--reason', 'x', '--mode', 'three'], '--mode: is two-arm or single-arm'],
    [['rollback', 'now', '--reason', 'x'], 'rollback: takes no further word'],
    [['status', '--reason', 'x'], '--reason: means nothing for status'],
    [['clear', '--plan', 'x', '--reason', 'x'], '--plan: means nothing for clear'],
    [['status', '--watch', '--wait'], '--watch and --wait: choose one'],
    [['pause', '--reason', 'x', '--actor', ''], '--actor: has 1 to 64 characters'],
    [['status', '--what'], "Unknown option '--what'"],
  ])('%j says what is wrong, and how to use it', async (argv, sentence) => {
    const { code, err } = await run(argv);
    expect({ code, first: err.split('\n')[0] }).toEqual({
      code: 2,
      first: expect.stringContaining(sentence),
    });
    expect(err).toContain('Usage: npm run canary');
  });

  it('says that there is no Redis', async () => {
    expect(await run(['status'])).toEqual({
      ...{ code: 3, out: '' },
      err: 'redis://127.0.0.1:1 cannot be reached\n',
    });
  });
});

(redisIsHere ? describe : describe.skip)('the canary command', () => {
  let server: PrivateRedis;
  let redis: Redis;
  let folder: string;
  const runners: CanaryRunner[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'canary-command-'));
    server = await PrivateRedis.started();
    redis = server.client({ enableOfflineQueue: false, maxRetriesPerRequest: 0 });
    await redisReady(redis, 2_000);
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await server.stop();
  });
  beforeEach(() => redis.flushall());
  afterEach(async () => {
    await Promise.all(runners.splice(0).map((runner) => runner.stop()));
  });

  const canary = (...argv: string[]) => run(argv, server.url);

  /** A fetcher has said what it runs. */
  const announce = async (): Promise<void> => {
    const fetcher = { redis, instance: 'f', periodMs: 100 };
    await new MinuteLedger({ ...fetcher, canary: { digest: 'd', options: ['retry'] } }).flush();
  };

  /** A health watches. */
  const watch = (periodMs = 60_000): void => {
    const leadership = new Leadership({ redis, name: 'health' });
    const quiet = { info: () => undefined, warn: () => undefined };
    const controller = new CanaryController({
      ...{ leadership, store: new RunStore({ redis }), ledger: new LedgerReader({ redis }) },
      flags: redisFlags({ redis, file: readHealthConfig({}).FLAGS_FILE }),
      settings: { periodMs, limit: 250 },
    });
    const runner = new CanaryRunner({ controller, leadership, log: quiet, everyMs: 20 });
    runner.start();
    runners.push(runner);
  };

  /** The record of a run that was begun, as text. */
  const aRun = async (): Promise<string> => {
    await announce();
    watch();
    await canary('start', '--reason', 'x');
    return (await redis.hget('{coinglass}:canary:run', 'run')) ?? '';
  };

  const planFile = (plan: object): string => {
    const path = join(folder, 'plan.json');
    writeFileSync(path, JSON.stringify(plan));
    return path;
  };
  const plan = {
    mode: 'two-arm',
    stages: [{ name: 'smoke', share: 10, dwellMinutes: 1, callsMin: 1 }],
    ...{ armedMinutes: 1, inconclusiveAfterMinutes: 3, holdMaxMinutes: 100, alpha: 0.01 },
  };

  it('has nothing to show where there is no run', async () => {
    expect(await canary('status')).toMatchObject({ code: 3, out: '' });
    expect((await canary('report')).code).toBe(3);
    expect(await canary('rollback', '--reason', 'x')).toMatchObject({
      ...{ code: 1, out: '' },
      err: 'There is no run; start begins one\n',
    });
  });

  it('refuses a start without a fetcher, and names what is wrong with a plan', async () => {
    expect(await canary('start', '--reason', 'x')).toMatchObject({
      ...{ code: 1, out: '' },
      err: expect.stringContaining('start a fetcher first') as unknown,
    });
    const path = planFile({ ...plan, alpha: 2 });
    expect(await canary('start', '--reason', 'x', '--plan', path)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/is no plan\n {2}alpha: /) as unknown,
    });
    const single = ['--mode', 'single-arm', '--plan', planFile(plan)];
    expect((await canary('start', '--reason', 'x', ...single)).err).toContain('is for two-arm');
    expect((await canary('start', '--reason', 'x', '--plan', 'none')).err).toContain('none cannot');
  });

  it('starts, shows, pauses and goes back, in the name of whoever orders', async () => {
    await announce();
    watch();
    const started = await canary('start', '--reason', 'a new retry policy');
    expect(started).toMatchObject({ code: 0, err: '' });
    expect(started.out).toMatch(/running, 1 %, flags at version 1/);
    expect((await canary('pause', '--reason', 'lunch', '--actor', 'bob')).code).toBe(0);
    const shown = await canary('status');
    expect(shown.code).toBe(0);
    expect(shown.out).toContain('PAUSED   stage 1 of 4 (smoke)   1 %   two-arm');
    expect(shown.out).toMatch(/why +a new retry policy +\(ada, \d+ s ago\)/);
    expect(shown.out).toMatch(/differs +retry/);
    expect(shown.out).toMatch(/pause +by bob: lunch/);
    expect(shown.out).not.toContain('No health');
    const back = await canary('rollback', '--reason', 'enough', '--json');
    expect(JSON.parse(back.out)).toMatchObject({ status: 'rolled-back', share: 0, flagVersion: 2 });
    expect((await canary('start', '--reason', 'again')).err).toContain('clear it first');
    expect((await canary('clear', '--reason', 'mended')).code).toBe(0);
  });

  it('status --wait tells the end by its exit code', async () => {
    await announce();
    watch(100);
    const path = planFile(plan);
    await canary('start', '--reason', 'x', '--plan', path);
    // Nobody calls anything: no data is held, and asks a person.
    const waited = await canary('status', '--wait', '--json');
    expect(waited.code).toBe(4);
    expect(JSON.parse(waited.out)).toMatchObject({ status: 'inconclusive' });
    await canary('promote', '--reason', 'I know');
    expect((await canary('status', '--wait')).code).toBe(0);
    await canary('rollback', '--reason', 'I did not');
    expect((await canary('status', '--wait')).code).toBe(1);
    expect((await canary('status')).code).toBe(0);
  });

  it('does not wait for an end that nobody brings about', async () => {
    await announce();
    watch();
    await canary('start', '--reason', 'x');
    await Promise.all(runners.splice(0).map((runner) => runner.stop()));
    expect(await canary('status', '--wait')).toMatchObject({
      ...{ code: 3, out: '' },
      err: expect.stringContaining('No health is watching') as unknown,
    });
  });

  it('takes a rollback that is not in the flags yet for no end', async () => {
    const run = JSON.parse(await aRun()) as CanaryRun;
    await Promise.all(runners.splice(0).map((runner) => runner.stop()));
    const pending = { at: 1, reason: 'worse:auth', share: 0 };
    const back = JSON.stringify({ ...run, status: 'rolled-back', because: 'worse:auth', pending });
    await redis.hset('{coinglass}:canary:run', 'run', back);
    expect((await canary('status')).out).toContain('It is about to be written into the flags');
    expect((await canary('status', '--wait')).code).toBe(3);
    watch();
    expect((await canary('status', '--wait')).code).toBe(1);
    expect((await canary('status')).out).toContain('Every call runs the baseline again');
  });

  it('says in words that the flags cannot be used, or that Redis takes no writes', async () => {
    await announce();
    await redis.hset('{coinglass}:flags:doc', 'document', '{}');
    expect(await canary('start', '--reason', 'x')).toMatchObject({
      ...{ code: 1, out: '' },
      err: expect.stringMatching(/^document: the record in Redis is not readable/) as unknown,
    });
    await redis.del('{coinglass}:flags:doc');
    await redis.call('REPLICAOF', '127.0.0.1', '1');
    try {
      expect(await canary('start', '--reason', 'x')).toMatchObject({
        ...{ code: 3, out: '' },
        err: expect.stringContaining('refuses: READONLY') as unknown,
      });
    } finally {
      await redis.call('REPLICAOF', 'NO', 'ONE');
    }
  });

  it('ends when Redis goes away and stays away, without a stack', async () => {
    const own = await PrivateRedis.started();
    await own.client().hset('{coinglass}:canary:run', { version: 1, run: await aRun() });
    const waiting = run(['status', '--wait'], own.url);
    const clients = own.client();
    while (!String(await clients.client('LIST')).includes('glasshouse:canary'));
    await own.kill();
    expect(await waiting).toMatchObject({
      ...{ code: 3, out: '' },
      err: expect.stringContaining('No health is watching') as unknown,
    });
    await own.stop();
  });

  it('writes the report of a run, into a file if told', async () => {
    await announce();
    watch();
    await canary('start', '--reason', 'x');
    await canary('rollback', '--reason', 'y');
    const out = join(folder, 'report.md');
    expect(await canary('report', '--out', out)).toEqual({ code: 0, out: '', err: '' });
    const page = readFileSync(out, 'utf8');
    for (const line of [/^# Canary .*: rolled-back/m, /^\| .* \| rollback \| ada \| y \|/m])
      expect(page).toMatch(line);
    const { id } = JSON.parse((await canary('report', '--json')).out) as { id: string };
    expect((await canary('report', '--run', id, '--json')).code).toBe(0);
    expect((await canary('report', '--run', 'none')).code).toBe(3);
  });
});
