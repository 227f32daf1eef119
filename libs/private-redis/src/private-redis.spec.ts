import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { freePort } from './free-port.ts';
import { PrivateRedis, redisIsHere } from './private-redis.ts';

describe('a free port', () => {
  it('is another one for each who asks', async () => {
    const ports = await Promise.all(Array.from({ length: 5 }, freePort));
    expect(new Set(ports).size).toBe(5);
  });
});

(redisIsHere ? describe : describe.skip)('a Redis of a spec’s own', () => {
  let redis: PrivateRedis | undefined;
  afterEach(() => redis?.stop());

  it('is one’s own, empty, and keeps nothing on disk', async () => {
    redis = await PrivateRedis.started();
    const other = await PrivateRedis.started();
    await redis.client().set('a', '1');
    expect(await other.client().dbsize()).toBe(0);
    expect(await redis.client().config('GET', 'save')).toEqual(['save', '']);
    expect(await redis.client().config('GET', 'bind')).toEqual(['bind', '127.0.0.1']);
    await other.stop();
  });

  it('comes back on its port after its end, to clients that wait for it', async () => {
    redis = await PrivateRedis.absent();
    const client = redis.client();
    const waiting = client.set('a', '1');
    await redis.start();
    expect(await waiting).toBe('OK');
    await redis.kill();
    const later = client.get('a');
    await redis.start();
    expect(await later).toBeNull();
  });

  it('keeps what it holds over a kill when told to', async () => {
    redis = await PrivateRedis.started({ appendOnly: true });
    const client = redis.client();
    await client.set('a', '1');
    await redis.kill();
    await redis.start();
    expect(await client.get('a')).toBe('1');
  });

  it('answers nobody while it is frozen', async () => {
    redis = await PrivateRedis.started();
    const client = redis.client({ commandTimeout: 50 });
    await client.ping();
    redis.freeze();
    await expect(client.ping()).rejects.toThrow('timed out');
    redis.thaw();
    expect(await redis.client().ping()).toBe('PONG');
  });

  it('asks for its password, which the url does not hold', async () => {
    redis = await PrivateRedis.started({ password: 'pw-31415926' });
    expect(await redis.client().ping()).toBe('PONG');
    expect(redis.url).toBe(`redis://127.0.0.1:${redis.port}`);
    const stranger = redis.client({ password: 'wrong', retryStrategy: () => null });
    await expect(stranger.ping()).rejects.toThrow();
  });

  it('is never somebody else’s that has taken its port', async () => {
    redis = await PrivateRedis.absent();
    const squatter = createServer((socket) => socket.end('-ERR no Redis\r\n'));
    await new Promise<void>((listening) => squatter.listen(redis?.port, '127.0.0.1', listening));
    await expect(redis.start()).rejects.toThrow(`on port ${redis.port}: is it taken?`);
    squatter.close();
  });
});
