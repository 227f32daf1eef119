import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { House } from './house.ts';
import { root, run, until } from './processes.ts';

const killed = 'futures/funding-rate/history';
const funding = (coin: string) => `/advanced/funding/rate/${coin}?interval=4h`;

/** One change for every process of a house, by command and by HTTP. */
describe('flags', () => {
  let house: House;
  beforeAll(async () => {
    house = await House.start();
  });
  afterAll(() => house.stop());

  /** `npm run flags`, without npm. */
  const flags = async (...words: string[]) => {
    const command = run(
      process.execPath,
      [join(root, 'apps/health/dist/flags.js'), ...words],
      house.env,
    );
    const code = await new Promise<number | null>((resolve) => {
      command.child.once('close', resolve);
    });
    return { code, output: command.output() };
  };
  const why = ['--reason', 'a test'];
  let asked = 0;
  /** Asks for something that is not stored: a limit nobody asked for yet. */
  const isRefused = async (): Promise<boolean> => {
    asked += 1;
    const { json } = await house.get(`${funding('BTC')}&limit=${asked}`);
    return json.kind === 'endpoint-disabled';
  };

  it('switch an endpoint off for all: what is stored is served, the rest is 503', async () => {
    expect((await house.get(funding('SOL'))).status).toBe(200);
    expect(await flags('kill', killed, ...why)).toMatchObject({
      ...{ code: 0, output: `Flags version 1\n  endpoint.${killed}: on -> off\n` },
    });
    await until('it is refused', isRefused, 6_000);
    const { status, json } = await house.get(funding('ETH'));
    expect([status, json.kind]).toEqual([503, 'endpoint-disabled']);
    expect((await house.get(funding('SOL'))).status).toBe(200);
  });

  it('divide the calls, and tell of every change over HTTP', async () => {
    expect((await flags('ramp', 'coinglass.arm', '10', ...why)).code).toBe(0);
    const { json } = await house.get('/v1/flags/coinglass.arm');
    expect(json).toMatchObject({ version: 2, gives: { shares: { canary: 10, baseline: 90 } } });
    const history = await house.get('/v1/flags/history');
    expect(history.json.versions.map((row: { change: string }) => row.change)).toEqual([
      'ramp coinglass.arm 10',
      `kill ${killed}`,
    ]);
  });

  it('switch it on again, and go back to an earlier version', async () => {
    expect((await flags('set', `endpoint.${killed}`, 'on', ...why)).code).toBe(0);
    await until('it is asked again', async () => (await house.get(funding('ETH'))).status === 200);
    expect((await flags('revert', '1', ...why)).code).toBe(0);
    await until('it is refused', isRefused, 6_000);
    const arm = await house.get('/v1/flags/coinglass.arm');
    expect(arm.json).toMatchObject({ version: 4, gives: { variant: 'baseline' } });
  });

  it('outlive an outage of Redis, and say that they may be stale', async () => {
    await house.redis.kill();
    const source = async () => (await house.get('/health')).json.checks['flags:source'][0];
    await until('it is said', async () => (await source())?.status === 'warn', 15_000);
    expect((await source())?.output).toMatch(/version 4 goes on/);
    await house.redis.start();
    // It came back empty: a process that knew the flags puts them back.
    await until('they are back', async () => {
      const { json } = await house.get('/v1/flags');
      return json?.version === 5 && json.flags.length > 0;
    });
    expect((await flags('get', `endpoint.${killed}`, '--json')).output).toContain('"value":false');
  });
});
