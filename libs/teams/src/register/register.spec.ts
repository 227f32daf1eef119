import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import type { Redis } from 'ioredis';
import { digestOf } from '../keys/team-key.ts';
import { TeamRegister } from './register.ts';
import { redisKeys } from './redis-keys.ts';

const terms = { scopes: ['read'] } as const;
const day = 86_400_000;

(redisIsHere ? describe : describe.skip)('the register of teams', () => {
  let server: PrivateRedis;
  let redis: Redis;
  let register: TeamRegister;

  beforeAll(async () => {
    server = await PrivateRedis.started();
    redis = server.client();
    register = new TeamRegister({ redis });
  });
  afterAll(() => server.stop());
  beforeEach(() => redis.flushall());

  it('keeps the digest of a key and nothing that a key could be made from', async () => {
    const { text, key } = await register.create('desk', { weight: 2 }, terms);
    const { keys, teams } = await register.read();
    expect(keys.get(key.id)?.digest).toBe(digestOf(text));
    expect(teams.get('desk')).toMatchObject({ id: 'desk', weight: 2 });
    const dump = JSON.stringify([
      await redis.hgetall(redisKeys.keys),
      await redis.hgetall(redisKeys.teams),
    ]);
    expect(dump).not.toContain(text.slice(12));
  });

  it('gives a team two live keys and no third, also to two operators at once', async () => {
    const results = await Promise.allSettled(
      [1, 2, 3, 4].map(() => register.create('desk', {}, terms)),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    for (const result of results)
      if (result.status === 'rejected')
        expect(result.reason).toMatchObject({ reason: 'two-live-keys' });
    expect((await register.read()).keys.size).toBe(2);
  });

  it('does not count a key that has ended, and forgets it after 30 days', async () => {
    const expiresAt = Date.now() - 1;
    await register.create('desk', {}, { ...terms, expiresAt });
    await register.create('desk', {}, { ...terms, expiresAt: Date.now() - 31 * day });
    await register.create('desk', {}, terms);
    await register.create('desk', {}, terms);
    expect((await register.read()).keys.size).toBe(3);
  });

  it('changes the settings it is told, keeps the others, and takes a quota away', async () => {
    await register.create(
      'desk',
      { weight: 3, requestsPerMinute: 600, permitsPerMinute: 50 },
      terms,
    );
    const { team } = await register.create('desk', { requestsPerMinute: null }, terms);
    expect(team).toEqual({
      id: 'desk',
      weight: 3,
      requestsPerMinute: undefined,
      permitsPerMinute: 50,
    });
  });

  it('rotates without a gap: the old key lives on for a while, the new one may do the same', async () => {
    const first = await register.create('desk', {}, { scopes: ['read', 'jobs:write'] });
    const before = Date.now();
    const { key, old } = await register.rotate('desk', { keepMs: day });
    expect([...key.scopes]).toEqual(['read', 'jobs:write']);
    expect(key.expiresAt).toBeUndefined();
    expect(old.id).toBe(first.key.id);
    expect(old.expiresAt).toBeGreaterThanOrEqual(before + day);
    await expect(register.rotate('desk', { keepMs: day })).rejects.toMatchObject({
      reason: 'two-live-keys',
    });
  });

  it('never lets a rotation lengthen a life, and hands on its length', async () => {
    const expiresAt = Date.now() + 10_000;
    await register.create('desk', {}, { ...terms, expiresAt });
    const { key, old } = await register.rotate('desk', { keepMs: day });
    expect(old.expiresAt).toBe(expiresAt);
    expect(Number(key.expiresAt) - key.createdAt).toBeLessThanOrEqual(10_000);
  });

  it('ends the old key at once when nothing of it is to be kept', async () => {
    const first = await register.create('desk', {}, terms);
    const { key } = await register.rotate('desk', { keepMs: 0 });
    expect([...(await register.read()).keys.keys()]).toEqual([key.id]);
    expect(key.id).not.toBe(first.key.id);
  });

  it('revokes one key, or all of a team, and says when there is none', async () => {
    const [a, b] = [
      await register.create('desk', {}, terms),
      await register.create('desk', {}, terms),
    ];
    const other = await register.create('fund', {}, terms);
    expect(await register.revoke(a.key.id)).toEqual([a.key.id]);
    expect(await register.revoke('desk')).toEqual([b.key.id]);
    expect([...(await register.read()).keys.keys()]).toEqual([other.key.id]);
    await expect(register.revoke('desk')).rejects.toMatchObject({ reason: 'no-live-key' });
    await expect(register.revoke('nobody')).rejects.toMatchObject({ reason: 'no-such-key' });
    await expect(register.rotate('nobody', { keepMs: 0 })).rejects.toMatchObject({
      reason: 'no-such-team',
    });
  });

  it('has a new version after each change, never the one of a Redis that was emptied', async () => {
    expect(await register.version()).toBeUndefined();
    await register.create('desk', {}, terms);
    const first = await register.version();
    await redis.flushall();
    await register.create('desk', {}, terms);
    expect(await register.version()).not.toBe(first);
    expect(first).toBeDefined();
  });

  it('passes over a record that it cannot read, and names it', async () => {
    await register.create('desk', {}, terms);
    await redis.hset(
      redisKeys.keys,
      'Xgarbage',
      '{"id":"Xgarbage","team":"desk","scopes":["root"]}',
    );
    await redis.hset(redisKeys.keys, 'Xnojson1', 'not json');
    const { keys, unreadable } = await register.read();
    expect(keys.size).toBe(1);
    expect([...unreadable].sort()).toEqual(['Xgarbage', 'Xnojson1']);
    expect(await register.revoke('desk')).toHaveLength(2);
  });
});
