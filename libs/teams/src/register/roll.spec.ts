import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import type { Redis } from 'ioredis';
import { TeamRegister } from './register.ts';
import { TeamRoll, type RollEvent } from './roll.ts';

const terms = { scopes: ['read'] } as const;

(redisIsHere ? describe : describe.skip)('the roll of teams', () => {
  let server: PrivateRedis;
  let redis: Redis;
  let register: TeamRegister;
  let roll: TeamRoll;
  let events: RollEvent[];
  let reads: number;

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
    events = [];
    reads = 0;
    roll = new TeamRoll({
      register: {
        version: () => {
          reads += 1;
          return register.version();
        },
        read: () => {
          reads += 1;
          return register.read();
        },
      },
      restMs: 50,
      onEvent: (event) => events.push(event),
    });
  });

  it('does not know whether keys are asked for before it has heard the register', async () => {
    expect(roll.keysMade).toBeUndefined();
    await roll.refresh();
    expect(roll.keysMade).toBe(false);
  });

  it('asks for keys once they are made, and still when the last is gone or Redis is emptied', async () => {
    await roll.refresh();
    await register.create('desk', {}, terms);
    await roll.refresh();
    expect(roll.keysMade).toBe(true);
    expect(events).toEqual([{ kind: 'keys-made' }]);
    await register.revoke('desk');
    await roll.refresh();
    expect([roll.keysMade, roll.liveKeys]).toEqual([true, 0]);
    await redis.flushall();
    await roll.refresh();
    expect(roll.keysMade).toBe(true);
  });

  it('sees a revocation at the next look, and pays one small read when nothing has changed', async () => {
    const { key } = await register.create('desk', {}, terms);
    await roll.refresh();
    expect(roll.key(key.id)?.team).toBe('desk');
    reads = 0;
    await roll.refresh();
    expect(reads).toBe(1);
    await register.revoke(key.id);
    await roll.refresh();
    expect(roll.key(key.id)).toBeUndefined();
  });

  it('shares one look among all who ask for what it does not know', async () => {
    await roll.refresh();
    reads = 0;
    const { key } = await register.create('desk', {}, terms);
    await Promise.all(Array.from({ length: 500 }, () => roll.lookAgain()));
    expect(roll.key(key.id)).toBeDefined();
    expect(reads).toBe(2);
  });

  it('looks no more often than it may, however many keys are tried one after the other', async () => {
    await roll.refresh();
    reads = 0;
    const endAt = performance.now() + 300;
    while (performance.now() < endAt) await roll.lookAgain();
    expect(reads).toBeLessThanOrEqual(8);
    expect(reads).toBeGreaterThan(2);
  });

  it('goes on knowing what it knew while Redis is away, and says so once', async () => {
    const { key } = await register.create('desk', {}, terms);
    await roll.refresh();
    const heardAt = roll.readAt;
    await server.kill();
    await expect(roll.refresh()).rejects.toThrow();
    await expect(roll.refresh()).rejects.toThrow();
    expect(roll.key(key.id)).toBeDefined();
    expect(roll.readAt).toBe(heardAt);
    expect(events.map(({ kind }) => kind)).toEqual(['keys-made', 'away']);
    await server.start();
    for (let ready = false; !ready;)
      ready = await roll.refresh().then(
        () => true,
        () => new Promise((resolve) => setTimeout(resolve, 20, false)),
      );
    expect(events.at(-1)?.kind).toBe('back');
    expect(roll.keysMade).toBe(true);
  });
});
