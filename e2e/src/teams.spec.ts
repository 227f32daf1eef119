import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort, PrivateRedis } from '@glasshouse/private-redis';
import { House, type Answer } from './house.ts';
import { root, run, until } from './processes.ts';
import { formsOf, redisDump } from './redis-dump.ts';

const flows = '/advanced/etf/flows';
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

/** `npm run keys`, without npm. */
const keysCommand = async (redisUrl: string, line: string) => {
  const command = run(
    process.execPath,
    [join(root, 'apps/gateway/dist/keys.js'), ...line.split(' ')],
    { PATH: process.env['PATH'], REDIS_URL: redisUrl },
  );
  const code = await new Promise<number | null>((resolve) => command.child.once('close', resolve));
  return { code, output: command.output() };
};

describe('teams', () => {
  let house: House;
  let other: number;
  const made: string[] = [];

  beforeAll(async () => {
    house = await House.start({ env: { LOG_LEVEL: 'debug' } });
    other = await house.startGateway();
  });
  afterAll(() => house.stop());

  const create = async (line: string): Promise<string> => {
    const { code, output } = await keysCommand(house.redis.url, `create ${line}`);
    const [key] = /gh_\w{58}/.exec(output) ?? [];
    if (code !== 0 || key === undefined) throw new Error(output);
    made.push(key);
    return key;
  };
  const atBoth = (path: string, headers: Record<string, string> = {}): Promise<Answer[]> =>
    Promise.all([house.get(path, headers), house.get(path, headers, other)]);
  const statuses = async (path: string, headers: Record<string, string> = {}) =>
    (await atBoth(path, headers)).map(({ status }) => status);

  it('are not asked for on loopback while nobody has a key, and the gateway says so', async () => {
    expect(await statuses(flows)).toEqual([200, 200]);
    const { json } = await house.get('/health');
    expect(JSON.stringify(json.checks['access:keys'])).toContain('open: no team has a key yet');
    await until('the gateway says so', () => house.gateway.output().includes('"access.open"'));
  });

  it('are asked for at every gateway soon after the first key is made', async () => {
    const madeAt = Date.now();
    const key = await create('desk --scopes read');
    await until('both ask', async () => (await statuses(flows)).every((status) => status === 401));
    console.log(
      `keys asked for at both gateways ${Date.now() - madeAt} ms after the first was made`,
    );
    expect(Date.now() - madeAt).toBeLessThan(10_000);
    await until('the log says so', () => house.gateway.output().includes('"access.keys-made"'));
    const [answer] = await atBoth(flows);
    expect(answer?.headers['www-authenticate']).toBe('Bearer');
    expect(answer?.json).toMatchObject({ kind: 'unauthenticated', code: '401' });
    for (const path of [
      ...['/advanced/pairs/futures', '/api/etf/bitcoin/flow-history', '/advanced/funding/rate/SOL'],
      ...['/v1/answers/v1.abcdefghijklmnopqrstuv', '/v1/usage'],
    ])
      expect([path, ...(await statuses(path))]).toEqual([path, 401, 401]);
    expect(await statuses(flows, bearer(key))).toEqual([200, 200]);
  });

  it('need no key for probes and reference', async () => {
    for (const path of ['/livez', '/readyz', '/health', '/docs', '/openapi.json'])
      expect([path, (await house.get(path)).status]).toEqual([path, 200]);
  });

  it('read through an unchanged CoinGlass client, whose key is a team key', async () => {
    const key = await create('client');
    const { status, json } = await house.get('/api/etf/bitcoin/flow-history', {
      'CG-API-KEY': key,
    });
    expect([status, json.code]).toEqual([200, '0']);
    const both = { 'CG-API-KEY': key, ...bearer(made[0] ?? '') };
    expect((await house.get(flows, both)).json.detail).toContain('different keys');
  });

  it('are told that a key does not belong in a URL, by the name of the field alone', async () => {
    const [key = ''] = made;
    const answer = await house.get(`/api/etf/bitcoin/flow-history?CG-API-KEY=${key}`, bearer(key));
    expect(answer.status).toBe(400);
    expect(answer.json.errors[0].field).toBe('CG-API-KEY');
    expect(answer.text).not.toContain(key.slice(12));
  });

  it('read hits from memory with a key only, and may do what their scopes say', async () => {
    const key = await create('flags --scopes flags:read');
    const [reader = ''] = made;
    await until('it is a hit', async () => {
      const { headers } = await house.get(flows, bearer(reader));
      return headers['x-cache'] === 'hit' && headers['x-trace-id'] === undefined;
    });
    const { status, json } = await house.get(flows, bearer(key));
    expect([status, json.kind]).toEqual([403, 'forbidden-scope']);
    expect((await house.get(flows)).status).toBe(401);
    expect((await house.get(flows, bearer(`${reader}x`))).status).toBe(401);
  });

  it('have their requests per minute over both gateways, and are told when to come again', async () => {
    const key = await create('small --requests-per-minute 30');
    const answers: Answer[] = [];
    for (let n = 0; n < 30; n += 1) answers.push(...(await atBoth(flows, bearer(key))));
    const served = answers.filter(({ status }) => status === 200).length;
    const refused = answers.filter(({ status }) => status === 429);
    console.log(`of 60 requests at two gateways 30 may pass: ${served} did`);
    expect(served + refused.length).toBe(60);
    // What one gateway holds at the end, the other has not: at most a tenth each.
    expect(served).toBeLessThanOrEqual(30);
    expect(served).toBeGreaterThanOrEqual(24);
    expect(refused[0]?.json.kind).toBe('team-quota');
    expect(Number(refused.at(-1)?.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('see what they have used, down to the requests to the vendor; an admin sees all', async () => {
    const key = await create('fund --permits-per-minute 100');
    // Fetchers hear of a new team within two seconds; until then it is the open team's account that pays.
    let limit = 10;
    let usage: Answer | undefined;
    await until('a request is on its account', async () => {
      limit += 1;
      const { status } = await house.get(`/advanced/oi/history/BTC?limit=${limit}`, bearer(key));
      expect(status).toBe(200);
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      usage = await house.get('/v1/usage', bearer(key));
      return usage.json.teams[0].usage.day.permits >= 1;
    });
    await house.get(`/advanced/oi/history/BTC?limit=${limit}`, bearer(key));
    await until('the hit is told', async () => {
      usage = await house.get('/v1/usage', bearer(key));
      return usage.json.teams[0].usage.day.hits >= 1;
    });
    expect(usage?.json.teams).toHaveLength(1);
    expect(usage?.json.teams[0]).toMatchObject({
      team: 'fund',
      usage: { day: { hits: 1, misses: limit - 10, failures: 0 } },
      permitsPerMinute: { quota: 100 },
    });
    expect((await house.get('/v1/usage?team=desk', bearer(key))).status).toBe(403);
    const admin = await create('ops --scopes admin');
    const all = await house.get('/v1/usage', bearer(admin));
    expect(all.json.teams.map(({ team }: { team: string }) => team)).toEqual(
      expect.arrayContaining(['ops', 'fund', 'desk', 'small', 'open', 'house']),
    );
  });

  it('have a key refused within ten seconds of its revocation, hits and both gateways included', async () => {
    const key = await create('gone');
    expect(await statuses(flows, bearer(key))).toEqual([200, 200]);
    const revokedAt = Date.now();
    expect((await keysCommand(house.redis.url, 'revoke gone')).code).toBe(0);
    await until('both refuse', async () =>
      (await statuses(flows, bearer(key))).every((status) => status === 401),
    );
    console.log(`revoked at both gateways after ${Date.now() - revokedAt} ms`);
    expect(Date.now() - revokedAt).toBeLessThan(10_000);
  });

  it('leave their keys nowhere: not in Redis, not in a log', async () => {
    const dump = await redisDump(house.redis.url);
    const logs = [house.gateway, ...house.moreGateways, ...house.fetchers]
      .map((running) => running.output())
      .join('\n');
    expect(dump.includes('{coinglass}:team-keys:v1 ')).toBe(true);
    expect(made.length).toBeGreaterThan(5);
    for (const key of made)
      for (const form of formsOf(key).concat(key.slice(12))) {
        expect(dump.includes(form)).toBe(false);
        expect(logs.includes(form)).toBe(false);
      }
  });

  it('go on reading with Redis away; a key that is not known is store-unavailable', async () => {
    const [key = ''] = made;
    await house.redis.kill();
    const known = await house.get(flows, bearer(key));
    expect([known.status, known.json.code]).toEqual([200, '0']);
    const stranger = `gh_${key.slice(3, 11)}_${made[1]?.slice(12)}`;
    expect((await house.get(flows, bearer(stranger))).status).toBe(401);
    const unknown = 'gh_ZZZZZZZZ_00000000000000000000000000000000000000000003lefJ9';
    expect((await house.get(flows, bearer(unknown))).json.kind).toBe('store-unavailable');
    await house.redis.start();
  });
});

describe('a gateway that other machines can reach', () => {
  let redis: PrivateRedis;
  beforeAll(async () => {
    redis = await PrivateRedis.started();
  });
  afterAll(() => redis.stop());

  const gateway = async (env: Record<string, string>) => {
    const port = await freePort();
    const running = run(process.execPath, [join(root, 'apps/gateway/dist/main.js')], {
      PATH: process.env['PATH'],
      REDIS_URL: redis.url,
      HOST: '0.0.0.0',
      GATEWAY_PORT: String(port),
      ...env,
    });
    await until(
      'it is ready, or has ended',
      () => running.output().includes('gateway.ready') || running.child.exitCode !== null,
    );
    return { running, port };
  };

  it('does not start while nobody has a key, and says what to do', async () => {
    const { running } = await gateway({});
    expect(running.child.exitCode).toBe(1);
    expect(running.output()).toContain('npm run keys -- create <team>');
    expect(running.output()).toContain('GATEWAY_OPEN=true');
  });

  it('starts when it is told to be open, and says that it is', async () => {
    const { running } = await gateway({ GATEWAY_OPEN: 'true' });
    expect(running.output()).toContain('access.open');
    await running.stop();
  });

  it('takes the development key of the sandbox, but not in production', async () => {
    const key = /^GATEWAY_DEVELOPMENT_KEY=(\S+)$/m.exec(
      readFileSync(join(root, 'deploy/sandbox.env'), 'utf8'),
    )?.[1];
    const { running } = await gateway({ GATEWAY_DEVELOPMENT_KEY: String(key) });
    expect(running.output()).toContain('access.development-key');
    expect(running.output()).not.toContain(String(key));
    await running.stop();
    const refused = await gateway({
      GATEWAY_DEVELOPMENT_KEY: String(key),
      NODE_ENV: 'production',
    });
    expect(refused.running.child.exitCode).toBe(1);
    expect(refused.running.output()).toContain('GATEWAY_DEVELOPMENT_KEY: is for development');
  });

  it('starts once a team has a key', async () => {
    expect((await keysCommand(redis.url, 'create desk')).code).toBe(0);
    const { running } = await gateway({});
    expect(running.output()).toContain('access.keys');
    await running.stop();
  });
});
