import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { House } from './house.ts';
import { root } from './processes.ts';

const exec = promisify(execFile);

interface Row {
  readonly face: string;
  readonly endpoint: string;
  readonly verdict: string;
  readonly status?: number;
  readonly source?: string;
  readonly detail?: string;
}

describe('the verification of a whole house', () => {
  let house: House;
  beforeAll(async () => {
    house = await House.start();
  });
  afterAll(() => house.stop());

  const verify = async (...argv: string[]) => {
    const program = join(root, 'apps/health/dist/verify.js');
    const { stdout } = await exec(process.execPath, [program, '--json', ...argv], {
      env: {
        ...{ PATH: process.env['PATH'] ?? '', REDIS_URL: house.redis.url },
        GLASSHOUSE_URL: `http://127.0.0.1:${house.ports.gateway}`,
        COINGLASS_BASE_URL: `http://127.0.0.1:${house.ports.sandbox}`,
        COINGLASS_WS_URL: `ws://127.0.0.1:${house.ports.sandbox}/ws-api`,
      },
    });
    return JSON.parse(stdout) as { verdict: string; failed: number; rows: Row[] };
  };

  it('passes in both faces, the heatmap by its refusal, and for the stream', async () => {
    const { verdict, rows } = await verify();
    expect(rows.filter((row) => row.verdict !== 'pass')).toEqual([]);
    expect(verdict).toBe('pass');
    const of = (face: string) => rows.filter((row) => row.face === face);
    expect(of('house').map(({ endpoint }) => endpoint)).toEqual(
      of('drop-in').map(({ endpoint }) => endpoint),
    );
    expect(of('stream')).toHaveLength(1);
    const refused = rows.filter(({ status }) => status === 403);
    expect(refused.map(({ endpoint }) => endpoint)).toEqual(
      Array(2).fill('futures/liquidation/heatmap/model1'),
    );
    // The second face is served what the first one has brought: one request for each question, and the instruments.
    expect((await house.arrivals()).total).toBeLessThanOrEqual(of('house').length);
  });

  it('asks the vendor itself once for each endpoint with --upstream', async () => {
    await house.forgetArrivals();
    const { verdict, rows } = await verify('--upstream');
    expect(rows.filter((row) => row.verdict !== 'pass')).toEqual([]);
    expect(verdict).toBe('pass');
    expect((await house.arrivals()).total).toBeLessThanOrEqual(rows.length - 1);
  });
});
