import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import type { Redis } from 'ioredis';
import { TeamRegister } from '../register/register.ts';
import { readUsage } from './usage-report.ts';
import { UsageTally } from './usage-tally.ts';

const until = async (holds: () => boolean): Promise<void> => {
  for (const endAt = Date.now() + 5_000; !holds();) {
    if (Date.now() > endAt) throw new Error('not within 5 s');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

const start = Date.UTC(2026, 10, 25, 12);

(redisIsHere ? describe : describe.skip)('what a team has used', () => {
  let server: PrivateRedis;
  let redis: Redis;
  let now: number;
  let tally: UsageTally;

  beforeAll(async () => {
    server = await PrivateRedis.started();
    redis = server.client({ maxRetriesPerRequest: 0, enableOfflineQueue: false });
    await once(redis, 'ready');
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    await server.client().flushall();
    now = start;
    tally = new UsageTally({ redis, now: () => now });
  });

  it('is told for the last minute, hour and day, from all processes', async () => {
    const other = new UsageTally({ redis, now: () => now });
    for (const agoMs of [0, 30_000, 120_000, 7_200_000]) {
      now = start - agoMs;
      tally.add('desk', 'requests');
      other.add('desk', 'permits');
      await Promise.all([tally.flush(), other.flush()]);
    }
    const usage = await readUsage(redis, 'desk', start);
    expect(usage.minute).toEqual({ requests: 2, hits: 0, misses: 0, failures: 0, permits: 2 });
    expect(usage.hour.requests).toBe(3);
    expect(usage.day.permits).toBe(4);
    expect((await readUsage(redis, 'fund', start)).day.requests).toBe(0);
  });

  it('waits for a Redis that is away, and is written once', async () => {
    tally.add('desk', 'hits');
    await server.kill();
    await until(() => redis.status !== 'ready');
    await tally.flush();
    await server.start();
    await until(() => redis.status === 'ready');
    await tally.flush();
    await tally.flush();
    expect((await readUsage(redis, 'desk', now)).minute.hits).toBe(1);
  });

  it('goes away by itself', async () => {
    tally.add('desk', 'hits');
    await tally.flush();
    for (const key of await redis.keys('*')) expect(await redis.ttl(key)).toBeGreaterThan(0);
  });

  it('has the minute in which a key was last used, written once a minute', async () => {
    const register = new TeamRegister({ redis });
    now = start + 12_345;
    tally.keyUsed('Akey0001');
    await tally.flush();
    expect(await register.lastUsed()).toEqual(new Map([['Akey0001', start]]));
    await redis.flushall();
    tally.keyUsed('Akey0001');
    await tally.flush();
    expect((await register.lastUsed()).size).toBe(0);
    now += 60_000;
    tally.keyUsed('Akey0001');
    await tally.flush();
    expect((await register.lastUsed()).get('Akey0001')).toBe(start + 60_000);
  });
});
