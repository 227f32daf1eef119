import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import type { Redis } from 'ioredis';
import { redisKeys } from '../register/redis-keys.ts';
import { RequestQuota } from './request-quota.ts';

const desk = { id: 'desk', weight: 1, requestsPerMinute: 100 };

(redisIsHere ? describe : describe.skip)('requests per minute', () => {
  let server: PrivateRedis;
  let redis: Redis;
  let gateways: RequestQuota[];
  /** Moves the clock of the gateways; that of Redis is real. */
  let aheadMs: number;

  beforeAll(async () => {
    server = await PrivateRedis.started();
    redis = server.client({
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      commandTimeout: 500,
    });
    await once(redis, 'ready');
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    await server.client().flushall();
    aheadMs = 0;
    gateways = ['one', 'two', 'three'].map(
      (name) => new RequestQuota({ redis, name, now: () => Date.now() + aheadMs }),
    );
  });
  afterEach(() => gateways.forEach((gateway) => gateway.stop()));

  const grantedOf = async (takings: number, team = desk): Promise<number> => {
    const taken = await Promise.all(
      Array.from({ length: takings }, (_, n) => gateways[n % 3]!.take(team)),
    );
    return taken.filter(({ granted }) => granted).length;
  };

  it('are granted to the last one, and none more, at three gateways at once', async () => {
    let granted = 0;
    for (let round = 0; round < 10; round += 1) granted += await grantedOf(30);
    // A gateway may hold some that it drew ahead: those it gives back.
    aheadMs += 1_000;
    for (const gateway of gateways) await gateway.tick();
    granted += await grantedOf(60);
    aheadMs += 1_000;
    for (const gateway of gateways) await gateway.tick();
    granted += await grantedOf(60);
    expect(granted).toBe(100);
  });

  it('cost no round trip of their own once a team is busy', async () => {
    const busy = { ...desk, requestsPerMinute: 100_000 };
    const commandsSoFar = async (): Promise<number> =>
      Number(/total_commands_processed:(\d+)/.exec(await redis.info('stats'))?.[1]);
    const before = await commandsSoFar();
    let atOnce = 0;
    for (let n = 0; n < 5_000; n += 1) {
      if (gateways[0]!.takeAtOnce(busy)) atOnce += 1;
      else await gateways[0]!.take(busy);
      if (n % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const commands = (await commandsSoFar()) - before;
    expect(atOnce).toBeGreaterThan(4_500);
    // A script counts as its commands, five or six each.
    expect(commands).toBeLessThan(1_500);
  });

  it('that were drawn ahead and not used are given back', async () => {
    const busy = { ...desk, requestsPerMinute: 1_000 };
    for (let n = 0; n < 100; n += 1) await gateways[0]!.take(busy);
    expect(await gateways[1]!.left(busy)).toBeLessThan(900);
    aheadMs += 1_000;
    await gateways[0]!.tick();
    expect(await gateways[1]!.left(busy)).toBe(900);
  });

  it('say when the next one is free', async () => {
    await grantedOf(150);
    const now = Number((await redis.time())[0]);
    await redis.del(redisKeys.drawn('desk'));
    await redis.hset(redisKeys.drawn('desk'), String(now - 50), 60, String(now - 20), 40);
    aheadMs += 61_000;
    const taken = await gateways[0]!.take(desk);
    expect(taken).toMatchObject({ granted: false });
    if (taken.granted) return;
    expect(taken.retryAfterMs).toBeGreaterThan(8_000);
    expect(taken.retryAfterMs).toBeLessThanOrEqual(11_000);
  });

  it('fall free after a minute', async () => {
    const now = Number((await redis.time())[0]);
    await redis.hset(redisKeys.drawn('desk'), String(now - 62), 100);
    expect(await gateways[0]!.take(desk)).toEqual({ granted: true });
    expect(await gateways[0]!.left(desk)).toBe(99);
  });

  it('are a share for each gateway while Redis is away', async () => {
    for (const gateway of gateways) await gateway.tick();
    for (const gateway of gateways) await gateway.tick();
    await server.kill();
    expect(await grantedOf(300)).toBe(99);
    await server.start();
    await server.client().ping();
  });

  it('are without bound for a team without a quota', async () => {
    expect(await grantedOf(1_000, { id: 'desk', weight: 1 } as typeof desk)).toBe(1_000);
  });
});
