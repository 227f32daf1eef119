import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '@glasshouse/private-redis';
import { request } from 'undici';
import { root, run, until, type Running } from './processes.ts';

/** A folder with every program of the PATH but a Redis server: what a machine without one has. */
const programsWithoutRedis = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'glasshouse-path-'));
  for (const from of (process.env['PATH'] ?? '').split(delimiter).filter(existsSync)) {
    for (const name of readdirSync(from)) {
      const to = join(folder, name);
      if (!/^(redis|valkey)-/.test(name) && !existsSync(to)) symlinkSync(join(from, name), to);
    }
  }
  return folder;
};

/** What a newcomer has whose machine has no Redis: `npm start` with the stand-in that comes from npm. */
describe('npm start without a Redis on the PATH', () => {
  let launcher: Running;
  let gateway = '';
  const programs = programsWithoutRedis();
  const env: Record<string, string> = { PATH: programs, NO_COLOR: '1', HOME: tmpdir() };

  beforeAll(async () => {
    for (const name of ['GATEWAY_PORT', 'FETCHER_PORT', 'HEALTH_PORT', 'SANDBOX_PORT']) {
      env[name] = String(await freePort());
    }
    gateway = `http://127.0.0.1:${env['GATEWAY_PORT']}`;
    launcher = run(process.execPath, [join(root, 'tools/start.mjs')], env);
    await until(
      'the start check has ended',
      () => {
        if (launcher.child.exitCode !== null) throw new Error(launcher.output());
        return /check +start check/.test(launcher.output());
      },
      120_000,
    );
  }, 150_000);
  afterAll(async () => {
    await launcher.stop();
    rmSync(programs, { recursive: true, force: true });
  });

  const get = async (path: string) => {
    const { statusCode, headers, body } = await request(gateway + path);
    const json = (await body.json()) as {
      kind?: string;
      meta?: { source: string; served: { symbol?: string } };
    };
    return { status: statusCode, headers, json };
  };

  it('says what stands in for what', () => {
    expect(launcher.output()).toContain('js-redis-server');
    expect(launcher.output()).toContain('SANDBOX');
    expect(launcher.output()).toMatch(/start check passed/);
  });

  it('does the main job', async () => {
    const first = await get('/advanced/funding/rate/SOL');
    expect(first.status).toBe(200);
    expect(first.json.meta).toMatchObject({
      source: 'sandbox',
      served: { symbol: 'SOL-USDT-SWAP' },
    });
    expect((await get('/advanced/funding/rate/SOL')).headers['x-cache']).toBe('hit');
    expect((await get('/api/etf/bitcoin/flow-history')).status).toBe(200);
    expect((await get('/advanced/funding/rate/SOLL')).json.kind).toBe('unknown-instrument');
  });

  it('stops with 0 and leaves no port open', async () => {
    expect(await launcher.stop('SIGTERM')).toBe(0);
    await expect(get('/livez')).rejects.toThrow();
  });
});
