import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { House } from './house.ts';
import { root } from './processes.ts';

interface Ran {
  readonly code: number;
  readonly report: {
    readonly verdict: string;
    readonly startedAt: string;
    readonly permits: number;
    readonly rows: readonly { readonly name: string; readonly runbook?: string }[];
  };
}

/** As many requests as a check may ever cost. */
const permitsMax = 8;

describe('the start check of a whole house', () => {
  let house: House;
  beforeAll(async () => {
    house = await House.start();
  });
  afterEach(() => house.scenario());
  afterAll(() => house.stop());

  const check = (...argv: string[]): Promise<Ran> =>
    new Promise((resolve, reject) => {
      const env = {
        ...{ PATH: process.env['PATH'] ?? '', REDIS_URL: house.redis.url },
        COINGLASS_BASE_URL: `http://127.0.0.1:${house.ports.sandbox}`,
        COINGLASS_WS_URL: `ws://127.0.0.1:${house.ports.sandbox}/ws-api`,
      };
      const program = join(root, 'apps/health/dist/check.js');
      execFile(process.execPath, [program, '--json', ...argv], { env }, (error, stdout) => {
        if (stdout === '') reject(error ?? new Error('the check printed nothing'));
        const { startCheck: report } = JSON.parse(stdout) as { startCheck: Ran['report'] };
        resolve({ code: Number(error?.code ?? 0), report });
      });
    });
  const arrived = async (): Promise<number> => (await house.arrivals()).total;

  it('costs three commands at once one run, and a later one nothing', async () => {
    await house.forgetArrivals();
    const ran = await Promise.all([check(), check(), check()]);
    const later = await check();
    expect(new Set([...ran, later].map(({ report }) => report.startedAt)).size).toBe(1);
    expect(later).toMatchObject({ code: 0, report: { verdict: 'pass', permits: 5 } });
    expect(await arrived()).toBe(5);
  });

  it.each<[string, object[], number, string]>([
    ['1h is refused', [{ params: { interval: '1h' }, behaviour: '422-http' }], 0, '422-interval'],
    ['the vendor is down', [{ behaviour: '500-http' }], 1, 'vendor-down'],
    ['it throttles', [{ behaviour: '429-http', retryAfter: 1 }], 1, '429'],
    ['it refuses the key', [{ behaviour: '400-key' }], 1, '401'],
    ['the plan has lapsed', [{ behaviour: 'upgrade-plan' }], 1, '403-plan'],
    ['it breaks off', [{ behaviour: 'reset' }], 1, 'vendor-down'],
    [
      'a route is gone and others climb',
      [
        { path: '/api/futures/supported-exchange-pairs', behaviour: '404' },
        { params: { interval: '1h' }, behaviour: '403-in-200' },
      ],
      1,
      '404',
    ],
  ])('spends at most eight when %s, and says what to read', async (_, rules, code, runbook) => {
    await house.scenario(...(rules as Record<string, unknown>[]));
    await house.forgetArrivals();
    const ran = await check('--fresh');
    expect(ran.code).toBe(code);
    expect(ran.report.rows.map((row) => row.runbook)).toContain(`docs/runbooks/${runbook}.md`);
    expect(await arrived()).toBeLessThanOrEqual(permitsMax);
  });

  it('passes as soon as what was refused is granted again', async () => {
    await house.scenario({ behaviour: 'upgrade-plan' });
    expect((await check('--fresh')).code).toBe(1);
    await house.scenario();
    expect(await check('--fresh')).toMatchObject({ code: 0, report: { verdict: 'pass' } });
  });
});
