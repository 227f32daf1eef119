import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { isFailure, type Failure } from '@glasshouse/coinglass-client';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import { drawKey, RequestQuota, TeamRegister, TeamRoll, UsageTally } from '@glasshouse/teams';
import type { Redis } from 'ioredis';
import { developmentKeyOf } from './development-key.ts';
import { failedKeysMax } from './failed-keys.ts';
import { believedForMs } from './key-book.ts';
import { TeamAccess } from './team-access.ts';

const read = { scopes: ['read'] } as const;
const bearer = (text: string) => ({ authorization: `Bearer ${text}` });

const refused = async (entering: Promise<unknown>): Promise<Failure> => {
  const thrown: unknown = await entering.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isFailure(thrown)) throw new Error('it was let in');
  return thrown;
};

(redisIsHere ? describe : describe.skip)('the door', () => {
  let server: PrivateRedis;
  let redis: Redis;
  let register: TeamRegister;
  let roll: TeamRoll;
  let access: TeamAccess;
  let aheadMs: number;

  const door = (over: Partial<ConstructorParameters<typeof TeamAccess>[0]> = {}): TeamAccess =>
    new TeamAccess({
      roll,
      quota: new RequestQuota({ redis, name: 'one' }),
      tally: new UsageTally({ redis }),
      opensWithoutKeys: true,
      now: () => Date.now() + aheadMs,
      ...over,
    });

  beforeAll(async () => {
    server = await PrivateRedis.started();
    redis = server.client({
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      commandTimeout: 500,
    });
    await once(redis, 'ready');
    register = new TeamRegister({ redis });
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    await server.client().flushall();
    aheadMs = 0;
    roll = new TeamRoll({ register, restMs: 20 });
    await roll.refresh();
    access = door();
  });

  it('is open while no key was ever made, whatever a client sends as one', async () => {
    expect(access.isOpen).toBe(true);
    expect((await access.enter({}, 'admin')).team.id).toBe('open');
    expect(access.enterAtOnce({ 'cg-api-key': 'of-the-vendor' }, 'read')?.team.id).toBe('open');
  });

  it('is closed without keys where other machines can reach it', async () => {
    const closed = door({ opensWithoutKeys: false });
    expect(closed.enterAtOnce({}, 'read')).toBeUndefined();
    expect((await refused(closed.enter({}, 'read'))).kind).toBe('unauthenticated');
  });

  it('does not guess whether keys are asked for before it has heard the register', async () => {
    const deaf = door({ roll: new TeamRoll({ register }) });
    expect(deaf.enterAtOnce({}, 'read')).toBeUndefined();
    expect((await refused(deaf.enter({}, 'read'))).kind).toBe('store-unavailable');
  });

  it('lets a team in by its key, in either header, also one made a moment ago', async () => {
    const { text, key } = await register.create('desk', { weight: 3 }, read);
    expect(access.enterAtOnce(bearer(text), 'read')?.team.id).toBe('open');
    const caller = await door({ opensWithoutKeys: false }).enter(bearer(text), 'read');
    expect(caller).toMatchObject({ team: { id: 'desk', weight: 3 }, keyId: key.id });
    expect(access.enterAtOnce({ 'cg-api-key': text }, 'read')?.team.id).toBe('desk');
    expect((await refused(access.enter({}, 'read'))).kind).toBe('unauthenticated');
  });

  it('says the same of a wrong, an unknown, a revoked, an ended, a malformed and no key', async () => {
    const { text: alive, key } = await register.create('desk', {}, read);
    const { text: revoked, key: gone } = await register.create('desk', {}, read);
    await roll.refresh();
    expect(access.enterAtOnce(bearer(revoked), 'read')).toBeDefined();
    await register.revoke(gone.id);
    const { text: ended } = await register.create('desk', {}, { ...read, expiresAt: Date.now() });
    await roll.refresh();
    const wrong = `gh_${key.id}_${drawKey().text.slice(12)}`;
    const bodies = new Set<string>();
    for (const text of [wrong, drawKey().text, revoked, ended, 'gh_no_key', alive.slice(0, -1)]) {
      expect(access.enterAtOnce(bearer(text), 'read')).toBeUndefined();
      bodies.add(JSON.stringify((await refused(access.enter(bearer(text), 'read'))).toRecord()));
    }
    bodies.add(JSON.stringify((await refused(access.enter({}, 'read'))).toRecord()));
    expect(bodies.size).toBe(1);
    expect([...bodies][0]).toContain('"unauthenticated"');
  });

  it('does not choose between two keys', async () => {
    const { text } = await register.create('desk', {}, read);
    await roll.refresh();
    const failure = await refused(access.enter({ ...bearer(text), 'cg-api-key': 'x' }, 'read'));
    expect(failure.kind).toBe('unauthenticated');
    expect(failure.detail).toContain('different keys');
  });

  it('holds a key to its scopes; admin has all', async () => {
    const { text } = await register.create('desk', {}, read);
    const { text: admin } = await register.create('ops', {}, { scopes: ['admin'] });
    await roll.refresh();
    const failure = await refused(access.enter(bearer(text), 'jobs:write'));
    expect(failure.kind).toBe('forbidden-scope');
    expect(failure.detail).toContain('jobs:write');
    expect(access.enterAtOnce(bearer(text), 'jobs:write')).toBeUndefined();
    expect(access.enterAtOnce(bearer(admin), 'jobs:write')?.team.id).toBe('ops');
  });

  it('holds a team to its requests per minute, and says when to come again', async () => {
    const { text } = await register.create('desk', { requestsPerMinute: 5 }, read);
    await roll.refresh();
    const entered = await Promise.allSettled(
      Array.from({ length: 20 }, () => access.enter(bearer(text), 'read')),
    );
    expect(entered.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    const failure = await refused(access.enter(bearer(text), 'read'));
    expect(failure.kind).toBe('team-quota');
    expect(failure.retryAfterMs).toBeGreaterThan(50_000);
    expect(access.enterAtOnce(bearer(text), 'read')).toBeUndefined();
  });

  it('stops looking keys up for an address that guesses, and still lets known keys in from there', async () => {
    const { text } = await register.create('desk', {}, read);
    await roll.refresh();
    const guessing: string[] = [];
    const watched = door({ onGuessing: (address) => guessing.push(address) });
    for (let n = 0; n < failedKeysMax; n += 1)
      await refused(watched.enter(bearer(drawKey().text), 'read', '10.0.0.1'));
    const failure = await refused(watched.enter(bearer(drawKey().text), 'read', '10.0.0.1'));
    expect(failure.retryAfterMs).toBeGreaterThan(0);
    expect(guessing).toEqual(['10.0.0.1']);
    expect((await watched.enter(bearer(text), 'read', '10.0.0.1')).team.id).toBe('desk');
    const elsewhere = await refused(watched.enter(bearer(drawKey().text), 'read', '10.0.0.2'));
    expect(elsewhere.retryAfterMs).toBeUndefined();
  });

  it('with Redis away believes the roll for five minutes, and says of other keys that it cannot tell', async () => {
    const { text } = await register.create('desk', {}, read);
    await roll.refresh();
    await server.kill();
    try {
      aheadMs = believedForMs - 10_000;
      expect((await access.enter(bearer(text), 'read')).team.id).toBe('desk');
      const unknown = await refused(access.enter(bearer(drawKey().text), 'read'));
      expect(unknown.kind).toBe('store-unavailable');
      aheadMs = believedForMs;
      expect(access.enterAtOnce(bearer(text), 'read')).toBeUndefined();
      expect((await refused(access.enter(bearer(text), 'read'))).kind).toBe('store-unavailable');
    } finally {
      await server.start();
      await server.client().ping();
    }
  });

  it('knows a development key without any register, and is not open beside it', async () => {
    const { text } = drawKey();
    const developing = door({ developmentKey: developmentKeyOf(text) });
    expect(developing.enterAtOnce(bearer(text), 'admin')?.team.id).toBe('development');
    expect((await refused(developing.enter({}, 'read'))).kind).toBe('unauthenticated');
    expect(developmentKeyOf(`${text}x`)).toBeUndefined();
  });
});
