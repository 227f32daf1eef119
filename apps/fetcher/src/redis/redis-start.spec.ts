import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import type { Logger } from '@glasshouse/service-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { whenRedisIsThere } from './when-redis-is-there.ts';

(redisIsHere ? describe : describe.skip)('the start with Redis', () => {
  let server: PrivateRedis;
  let redis: ReturnType<PrivateRedis['client']>;

  beforeAll(async () => {
    server = await PrivateRedis.started();
    redis = server.client();
  });
  afterAll(() => server.stop());

  const startWith = async (env: {
    production?: boolean;
    fresh?: boolean;
    limiterAway?: number;
  }) => {
    const said: string[] = [];
    let away = env.limiterAway ?? 0;
    const note = (word: string) => () => {
      said.push(word);
      return Promise.resolve();
    };
    await whenRedisIsThere(
      {
        redis,
        config: {
          NODE_ENV: env.production ? 'production' : 'development',
          GLASSHOUSE_FRESH_REDIS: env.fresh ?? false,
        },
        limiter: {
          declareEpoch: note('epoch'),
          start: () => ((away -= 1) >= 0 ? Promise.reject(new Error('away')) : note('limit')()),
        },
        logger: {
          warn: (_line: object, message: string) => said.push(`warned: ${message}`),
          fatal: (_line: object, message: string) => said.push(message),
        } as unknown as Logger,
        lifecycle: {
          stopping: false,
          stop: (reason, code) => note(`stop ${code}: ${reason.slice(0, 20)}`)(),
        },
        lookEveryMs: 5,
      },
      () => said.push('open'),
    );
    return said.filter((word) => !word.includes('append-only'));
  };

  it('announces the limit before the first job is taken', async () => {
    expect(await startWith({})).toEqual(['limit', 'open']);
  });

  it('vouches for a brand new Redis only when told to', async () => {
    expect(await startWith({ fresh: true })).toEqual(['epoch', 'limit', 'open']);
  });

  it('tries again while Redis does not answer yet', async () => {
    const said = await startWith({ limiterAway: 2 });
    expect(said.filter((word) => !word.startsWith('warned'))).toEqual(['limit', 'open']);
  });

  it('refuses an evicting Redis in production, and warns of it elsewhere', async () => {
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    const [why, stop, ...more] = await startWith({ production: true });
    expect([why, stop, more]).toEqual([
      expect.stringContaining('may evict'),
      expect.stringMatching(/^stop 1: this Redis may evict/),
      [],
    ]);
    const [warned, ...rest] = await startWith({});
    expect(warned).toMatch(/^warned: .*may evict/);
    expect(rest).toEqual(['limit', 'open']);
    await redis.config('SET', 'maxmemory-policy', 'noeviction');
  });
});
