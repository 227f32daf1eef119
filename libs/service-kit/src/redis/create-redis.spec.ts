import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import type { Redis } from 'ioredis';
import { createLogger } from '../logging/logger.ts';
import { createRedis, reconnectDelayMs, redisReady } from './create-redis.ts';
import type { RedisPreset } from './create-redis.ts';
import { redisFacts } from './redis-facts.ts';

const password = 'pw-31415926';

describe('the wait before reconnecting', () => {
  it('doubles up to 2 s, is never under 100 ms, and differs between processes', () => {
    expect([1, 2, 3, 4, 5, 60].map((times) => reconnectDelayMs(times, () => 1))).toEqual([
      200, 400, 800, 1_600, 2_000, 2_000,
    ]);
    expect(reconnectDelayMs(9, () => 0)).toBe(100);
    expect(reconnectDelayMs(9, () => 0.5)).toBe(1_050);
  });
});

(redisIsHere ? describe : describe.skip)('a connection to a real Redis', () => {
  let server: PrivateRedis;
  let lines: string[] = [];
  const open: Redis[] = [];

  const connect = (preset: RedisPreset, withPassword = password): Redis => {
    const logger = createLogger({
      service: 'spec',
      level: 'info',
      secrets: [],
      destination: { write: (line) => void lines.push(line) },
    });
    const redis = createRedis(`redis://:${withPassword}@127.0.0.1:${server.port}/1`, preset, {
      logger,
      name: 'spec',
      random: () => 0,
    });
    open.push(redis);
    return redis;
  };
  const failure = async (work: Promise<unknown>): Promise<{ error: unknown; tookMs: number }> => {
    const startedAt = performance.now();
    const error: unknown = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    return { error, tookMs: performance.now() - startedAt };
  };

  beforeAll(async () => {
    server = await PrivateRedis.started({ password });
  });
  afterEach(() => {
    for (const redis of open.splice(0)) redis.disconnect();
    lines = [];
  });
  afterAll(() => server.stop());

  it('tells what the server is', async () => {
    const redis = connect('producer');
    expect(await redisReady(redis, 2_000)).toBe(true);
    expect(await redisFacts(redis)).toMatchObject({
      version: expect.stringMatching(/^\d+\./),
      role: 'master',
      maxmemoryPolicy: 'noeviction',
      aofEnabled: false,
    });
    expect(await redis.client('GETNAME')).toBe('glasshouse:spec');
  });

  it('fails a producer within 600 ms when the server dies, and works again when it is back', async () => {
    const redis = connect('producer');
    await redisReady(redis, 2_000);
    const waiting = failure(redis.blpop('nothing', 0));
    await server.kill();
    const later = await failure(redis.set('a', '1'));
    const midFlight = await waiting;
    for (const { error, tookMs } of [later, midFlight]) {
      expect(error).toBeInstanceOf(Error);
      expect(tookMs).toBeLessThan(600);
    }
    await server.start();
    expect(await redisReady(redis, 5_000)).toBe(true);
    expect(await redis.set('a', '2')).toBe('OK');
  });

  it('fails a producer within 600 ms when the server stops answering', async () => {
    const redis = connect('producer');
    await redisReady(redis, 2_000);
    server.freeze();
    const { error, tookMs } = await failure(redis.get('a'));
    server.thaw();
    expect(error).toMatchObject({ message: 'Command timed out' });
    expect(tookMs).toBeLessThan(600);
    expect(await redis.ping()).toBe('PONG');
  });

  it('lets a worker wait for the server and a subscriber hear again', async () => {
    const worker = connect('worker');
    const subscriber = connect('subscriber');
    await subscriber.subscribe('news');
    const heard = new Promise((resolve) => subscriber.on('message', (_, text) => resolve(text)));
    const blocked = worker.blpop('later', 0);
    await server.kill();
    await server.start();
    await redisReady(subscriber, 5_000);
    const producer = connect('producer');
    await redisReady(producer, 5_000);
    await producer.rpush('later', 'job');
    expect(await blocked).toEqual(['later', 'job']);
    while ((await producer.publish('news', 'hello')) === 0) await producer.ping();
    expect(await heard).toBe('hello');
  });

  it('tells trouble at most once a second and never the password', async () => {
    const wrong = connect('producer', 'wrong-2718281828');
    expect(await redisReady(wrong, 300)).toBe(false);
    await server.kill();
    const redis = connect('worker');
    expect(await redisReady(redis, 300)).toBe(false);
    await server.start();
    const text = lines.join('');
    expect(text).toMatch(/WRONGPASS/);
    expect(text).toMatch(/ECONNREFUSED/);
    expect(text).not.toMatch(/2718281828|31415926/);
    expect(lines.filter((line) => line.includes('redis.error')).length).toBeLessThanOrEqual(4);
  });
});
