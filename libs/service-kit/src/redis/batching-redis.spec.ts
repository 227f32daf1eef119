import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import type { Redis } from 'ioredis';
import { BatchingRedis } from './batching-redis.ts';

(redisIsHere ? describe : describe.skip)('commands of one turn', () => {
  let server: PrivateRedis;
  let redis: BatchingRedis;
  let onlooker: Redis;

  beforeAll(async () => {
    server = await PrivateRedis.started();
    onlooker = server.client();
  });
  beforeEach(async () => {
    redis = new BatchingRedis({ port: server.port });
    await redis.flushall();
  });
  afterEach(() => redis.disconnect());
  afterAll(() => server.stop());

  /** How often Redis had to read from a connection. */
  const reads = async (): Promise<number> => {
    const [, count] = /total_reads_processed:(\d+)/.exec(await onlooker.info('stats')) ?? [];
    return Number(count);
  };
  const readsOf = async (work: () => Promise<unknown>): Promise<number> => {
    const before = await reads();
    await work();
    return (await reads()) - before - 1;
  };
  const many = Array.from({ length: 32 }, (_, index) => index);

  it('travel together, eight in a write at most, and are done and answered in their order', async () => {
    const values: number[] = [];
    const asking = () =>
      Promise.all(many.map(async () => void values.push(await redis.incr('count'))));
    expect(await readsOf(asking)).toBeLessThanOrEqual(many.length / 8);
    expect(values).toEqual(many.map((index) => index + 1));
  });

  it('travel together, too, when it is one reply that made many ask', async () => {
    const first = redis.ping();
    const asking = () =>
      Promise.all(
        many.map(async () => {
          await first;
          await redis.incr('count');
        }),
      );
    expect(await readsOf(asking)).toBeLessThanOrEqual(1 + many.length / 8);
  });

  it('of another turn do not wait for them', async () => {
    expect(await redis.set('a', '1')).toBe('OK');
    expect(await redis.get('a')).toBe('1');
  });

  it('are refused each for itself', async () => {
    await redis.set('text', 'x');
    const settled = await Promise.allSettled([redis.incr('text'), redis.incr('count')]);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });

  it('that are waiting to be sent go out before the connection is closed', async () => {
    const set = redis.set('last', 'word');
    const quit = redis.quit();
    expect([await set, await quit]).toEqual(['OK', 'OK']);
    expect(await onlooker.get('last')).toBe('word');
  });

  it('go on when Redis comes back', async () => {
    await redis.set('before', '1');
    await server.kill();
    const asked = Promise.all(many.map(() => redis.incr('count')));
    await server.start();
    expect(await asked).toEqual(many.map((index) => index + 1));
  });
});
