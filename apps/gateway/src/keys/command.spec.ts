import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import { parseKey } from '@glasshouse/teams';
import { runKeysCommand } from './command.ts';

(redisIsHere ? describe : describe.skip)('npm run keys', () => {
  let server: PrivateRedis;
  beforeAll(async () => {
    server = await PrivateRedis.started();
  });
  afterAll(() => server.stop());
  beforeEach(() => server.client().flushall());

  const keys = async (line: string, url = server.url) => {
    const said = { out: '', err: '' };
    const code = await runKeysCommand({
      argv: line === '' ? [] : line.split(' '),
      env: { REDIS_URL: url },
      stdout: { write: (text) => (said.out += text) },
      stderr: { write: (text) => (said.err += text) },
    });
    return { code, ...said };
  };

  it('prints a new key alone on standard output, and what it is beside it', async () => {
    const { code, out, err } = await keys(
      'create desk --scopes read,jobs:write --weight 2 --requests-per-minute 600 --permits-per-minute 100 --expires 2099-01-01',
    );
    expect(code).toBe(0);
    expect(parseKey(out.trim())).toBeDefined();
    expect(err).toContain('read, jobs:write; it ends 2099-01-01 00:00 UTC');
    expect(err).toContain('weight 2, 600 requests per minute, 100 permits per minute');
    expect(err).toContain('This is the first key');
    expect(err).not.toContain(out.trim().slice(12));
    expect((await keys('create fund')).err).not.toContain('This is the first key');
  });

  it('lists teams and keys without anything a key could be made from', async () => {
    const { out: key } = await keys('create desk');
    const { key: other } = JSON.parse((await keys('create fund --json')).out);
    const [table, json] = [await keys('list'), await keys('list --json')];
    expect(table.out.split('\n')).toHaveLength(4);
    expect(JSON.parse(json.out)).toMatchObject([
      { team: 'desk', scopes: ['read'] },
      { team: 'fund', keyId: parseKey(other)?.id },
    ]);
    for (const text of [key.trim(), other])
      expect(table.out + json.out).not.toContain(text.slice(12));
  });

  it('rotates and revokes', async () => {
    await keys('create desk --scopes flags:read');
    const rotated = await keys('rotate desk --keep 1h');
    expect(rotated.code).toBe(0);
    expect(parseKey(rotated.out.trim())).toBeDefined();
    expect(rotated.err).toContain('flags:read');
    expect((await keys('rotate desk')).code).toBe(1);
    expect((await keys('revoke desk')).err).toContain('within 10 s');
    expect(await keys('revoke desk')).toMatchObject({
      code: 1,
      err: expect.stringContaining('create desk'),
    });
  });

  it('says of each refusal what to do', async () => {
    await keys('create desk');
    await keys('create desk');
    expect((await keys('create desk')).err).toContain('revoke <key id>');
    expect((await keys('rotate nobody')).err).toContain('create nobody');
  });

  it.each([
    ['', 'Say what to do'],
    ['frob', 'no command frob'],
    ['create', 'name is missing'],
    ['create Desk', 'a-z, 0-9'],
    ['create open', "house's own name"],
    ['create desk fund', 'one name'],
    ['create desk --scopes root', 'admin'],
    ['create desk --weight 0', '1 to 100'],
    ['create desk --requests-per-minute many', 'whole number'],
    ['create desk --expires 2020-01-01', 'over already'],
    ['create desk --expires tomorrow', '90d'],
    ['create desk --expires 2027-13-45', '2027-01-01'],
    ['rotate desk --keep 1y', '24h'],
    ['revoke', 'id of a key'],
    ['list desk', 'no name'],
    ['list --keep 1h', 'no --keep'],
    ['create desk --frob', '--frob'],
  ])('%s: wrong use, exit 2, nothing made', async (line, words) => {
    const { code, out, err } = await keys(line);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(words);
    expect((await keys('list')).out).toContain('No team has a key');
  });

  it('says when there is no Redis, and that a replica cannot be written to', async () => {
    const { code, err } = await keys('list', 'redis://127.0.0.1:1');
    expect([code, err]).toEqual([3, expect.stringContaining('REDIS_URL')]);
    const redis = server.client();
    await redis.replicaof('127.0.0.1', 1);
    try {
      expect(await keys('create desk')).toMatchObject({
        code: 3,
        err: expect.stringContaining('primary'),
      });
    } finally {
      await redis.replicaof('NO', 'ONE');
    }
  });

  it('helps', async () => {
    expect(await keys('--help')).toMatchObject({ code: 0, err: '' });
    expect((await keys('create --help')).out).toContain('--requests-per-minute');
  });
});
