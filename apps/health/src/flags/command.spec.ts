import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { endpointIds } from '@glasshouse/coinglass-client';
import { FlagStore } from '@glasshouse/flags';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import { runFlagsCommand } from './command.ts';

const funding = 'futures/funding-rate/history';
const ownFile = join(process.cwd(), '../../config/flags.json');

const run = async (argv: readonly string[], env: NodeJS.ProcessEnv = {}) => {
  const written = { out: '', err: '' };
  const to = (name: 'out' | 'err') => ({
    write: (text: string) => {
      written[name] += text;
      return true;
    },
  });
  const code = await runFlagsCommand({
    ...{ argv, env, by: 'os-user', stdout: to('out'), stderr: to('err') },
  });
  return { code, ...written };
};

describe('npm run flags without a house', () => {
  it.each([
    ['nothing', [], /^what: is one of list, get/],
    ['an unknown word', ['lst'], /^what: is one of/],
    ['no reason', ['kill', funding], /^kill: needs --reason/],
    ['an empty reason', ['kill', funding, '--reason', ' '], /^kill: needs --reason/],
    ['no flag', ['get'], /^get: takes a flag/],
    ['a word too many', ['list', 'x'], /^list: takes nothing/],
    ['half a percent', ['ramp', 'coinglass.arm', '0.5', '--reason', 'x'], /^ramp: the percentage/],
    ['101 percent', ['ramp', 'coinglass.arm', '101', '--reason', 'x'], /^ramp: the percentage/],
    ['no version', ['revert', '0', '--reason', 'x'], /^revert: the version/],
    ['no limit', ['history', '--limit', '0'], /^--limit/],
    ['an unknown option', ['list', '--why', 'x'], /--why/],
    ['an option elsewhere', ['list', '--as', 'x'], /^--as: is for get/],
    ['a long reason', ['kill', funding, '--reason', 'x'.repeat(501)], /^--reason: has at most/],
  ])('refuses %s and shows its usage', async (_what, argv, message) => {
    const { code, out, err } = await run(argv);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
    expect(err).toContain('Usage: npm run flags');
  });

  it('shows its usage when asked', async () => {
    expect(await run(['--help'])).toMatchObject({ code: 0, err: '' });
  });

  it('says when Redis is away', async () => {
    const { port } = await PrivateRedis.absent();
    const { code, err } = await run(['list'], { REDIS_URL: `redis://127.0.0.1:${port}` });
    expect([code, err]).toEqual([3, expect.stringContaining('cannot be reached')]);
  });

  it('lints a file, and tells everything that is wrong with it', async () => {
    expect(await run(['lint'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('17 flags'),
    });
    const folder = mkdtempSync(join(tmpdir(), 'flags-'));
    const file = join(folder, 'flags.json');
    writeFileSync(file, readFileSync(ownFile, 'utf8').replace('"hour-to-four",', '"hour",'));
    const { code, err } = await run(['lint', file]);
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/^coinglass\.fallback\.interval: there/),
    ]);
    rmSync(folder, { recursive: true });
  });
});

(redisIsHere ? describe : describe.skip)('npm run flags', () => {
  let server: PrivateRedis;
  let env: NodeJS.ProcessEnv;
  const why = ['--reason', 'a test'];

  beforeAll(async () => {
    server = await PrivateRedis.started();
    env = { REDIS_URL: server.url };
  });
  afterAll(() => server.stop());
  beforeEach(() => server.client().flushall());

  const jsonOf = async (...argv: string[]): Promise<unknown> =>
    JSON.parse((await run([...argv, '--json'], env)).out);

  it('lists the defaults until somebody changes a flag', async () => {
    const { code, out } = await run(['list'], env);
    expect([code, out]).toEqual([0, expect.stringMatching(/^Flags as in the file of defaults/)]);
    expect(out).toMatch(/^coinglass\.rpm +number +configured \(100000\) +platform +never$/m);
    expect(await jsonOf('list')).toMatchObject({ version: 0 });
  });

  it('kills an endpoint, or everything, by its name', async () => {
    const killed = await run(['kill', funding, ...why], env);
    expect(killed).toMatchObject({
      ...{ code: 0, err: '' },
      out: `Flags version 1\n  endpoint.${funding}: on -> off\n`,
    });
    await run(['kill', 'vendor.egress.enabled', ...why, '--actor', 'ann'], env);
    await run(['kill', `endpoint.${funding}`, ...why], env);
    expect(await jsonOf('history')).toMatchObject([
      { version: 2, actor: 'ann', reason: 'a test', change: 'kill vendor.egress.enabled' },
      { version: 1, actor: 'os-user' },
    ]);
  });

  it('sets a variant by its name or a value, and makes a variant for a new value', async () => {
    await run(['set', 'coinglass.rpm', 'low', ...why], env);
    await run(['set', 'coinglass.rpm', '60', ...why], env);
    expect(await jsonOf('get', 'coinglass.rpm')).toMatchObject({
      ...{ version: 2, gives: { variant: 'custom', value: 60 } },
    });
    expect(await run(['set', 'coinglass.rpm', '60', ...why], env)).toMatchObject({
      ...{ code: 0, out: 'nothing to change: it is so already\n' },
    });
  });

  it('ramps the canary, and tells what one call would get and why', async () => {
    await run(['ramp', 'coinglass.arm', '10', ...why], env);
    expect((await run(['list'], env)).out).toMatch(/canary 10 %, baseline 90 %/);
    const arms = await Promise.all(
      Array.from({ length: 30 }, (_, n) => jsonOf('get', 'coinglass.arm', '--as', `call-${n}`)),
    );
    const values = new Set(
      arms.map((arm) => (arm as { reading: { value: string } }).reading.value),
    );
    expect(values).toEqual(new Set(['canary', 'baseline']));
    const { out } = await run(['get', 'coinglass.arm', '--as', 'call-7'], env);
    expect(out).toMatch(/a call "call-7" gets "baseline" \(variant baseline\): TARGETING_MATCH\n$/);
  }, 30_000);

  it('goes back to an earlier version and keeps both in the audit trail', async () => {
    await run(['set', 'canary.auto', 'off', ...why], env);
    await run(['kill', funding, ...why], env);
    const { out } = await run(['revert', '1', ...why], env);
    expect(out).toBe(`Flags version 3\n  endpoint.${funding}: off -> on\n`);
    const { out: audit } = await run(['audit', '--limit', '2'], env);
    expect(audit).toMatch(/^3 {2}\S+ {2}os-user {2}revert to version 1: a test$/m);
    expect(audit).toContain(`     endpoint.${funding}: off -> on`);
    expect(audit).not.toContain('canary.auto');
  });

  it('goes back also from a document that cannot be used', async () => {
    await run(['set', 'canary.auto', 'off', ...why], env);
    await server.client().hset('{coinglass}:flags:doc', 'document', '{}', 'version', 2);
    expect((await run(['list'], env)).code).toBe(1);
    expect((await run(['kill', funding, ...why], env)).code).toBe(1);
    expect((await run(['revert', '1', ...why], env)).code).toBe(0);
    expect(await jsonOf('get', 'canary.auto')).toMatchObject({
      version: 3,
      gives: { value: false },
    });
  });

  it('goes back from a document with a flag that is none', async () => {
    await run(['set', 'canary.auto', 'off', ...why], env);
    const early = JSON.parse(readFileSync(ownFile, 'utf8')) as { flags: Record<string, unknown> };
    const document = JSON.stringify({ flags: { ...early.flags, junk: { state: 'ON' } } });
    const sha256 = createHash('sha256').update(document).digest('hex');
    await server.client().hset('{coinglass}:flags:doc', { document, sha256, version: 2 });
    expect((await run(['kill', funding, ...why], env)).code).toBe(1);
    expect(await run(['revert', '1', ...why], env)).toMatchObject({
      ...{ code: 0, err: '' },
      out: expect.stringContaining('junk: no flag -> not there') as unknown,
    });
    expect(await jsonOf('get', 'canary.auto')).toMatchObject({ gives: { value: false } });
  });

  it('tells a Redis that takes no writes from a refusal', async () => {
    const redis = server.client();
    await redis.call('REPLICAOF', '127.0.0.1', '1');
    try {
      expect(await run(['kill', funding, ...why], env)).toMatchObject({
        code: 3,
        err: expect.stringContaining('refuses: READONLY') as unknown,
      });
    } finally {
      await redis.call('REPLICAOF', 'NO', 'ONE');
    }
  });

  it('keeps a flag that the earlier version did not know', async () => {
    const early = new FlagStore({ redis: server.client(), endpointIds: [] });
    const whole = JSON.parse(readFileSync(ownFile, 'utf8')) as { flags: Record<string, unknown> };
    const { [`endpoint.${funding}`]: _gone, ...flags } = whole.flags;
    const told = { actor: 'a', reason: 'b', change: 'c' };
    await early.write({ expectedVersion: 0, document: { flags }, ...told });
    await run(['kill', funding, ...why], env);
    await run(['set', 'canary.auto', 'off', ...why], env);
    await run(['revert', '1', ...why], env);
    expect(await jsonOf('get', `endpoint.${funding}`)).toMatchObject({ gives: { value: false } });
    expect(await jsonOf('get', 'canary.auto')).toMatchObject({ gives: { value: true } });
    expect(endpointIds).toContain(funding);
  });

  it.each([
    ['kill futures/funding-rate/histry', /did you mean futures\/funding-rate\/history/],
    ['set coinglas.arm canary', /did you mean coinglass\.arm/],
    ['set coinglass.arm canari', /has no variant "canari".*did you mean canary/],
    ['set coinglass.rpm 0', /no fitting number/],
    ['set coinglass.rpm true', /no fitting number/],
    ['set coinglass.fallback.interval {"1h":"30m"}', /not coarser/],
    ['ramp canary.auto 5', /only coinglass\.arm can/],
    ['kill coinglass.rpm', /no switch/],
    ['revert 9', /is not kept/],
    ['get toString', /no such flag/],
  ])('refuses %s and changes nothing', async (words, message) => {
    const argv = words.split(' ');
    const { code, err } = await run([...argv, ...(argv[0] === 'get' ? [] : why)], env);
    expect([code, err]).toEqual([1, expect.stringMatching(message)]);
    expect(await server.client().dbsize()).toBe(0);
  });

  it('lets no escape sequence of a reason reach a terminal', async () => {
    await run(['kill', funding, '--reason', '\u001b[31mred', '--actor', 'a\u202eb'], env);
    for (const action of ['list', 'history', 'audit']) {
      // eslint-disable-next-line no-control-regex -- what must not be there
      expect((await run([action], env)).out).not.toMatch(/[\u001b\u202e]/);
    }
  });
});
