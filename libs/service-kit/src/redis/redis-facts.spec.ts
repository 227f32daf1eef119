import { describe, expect, it } from '@jest/globals';
import { redisLabel } from './redis-address.ts';
import { assertRedisFit, describeRedis, parseRedisInfo, redisFacts } from './redis-facts.ts';

const info = [
  '# Server',
  'redis_version:7.0.15',
  '# Memory',
  'used_memory:1048576',
  'maxmemory:0',
  'maxmemory_policy:noeviction',
  '# Persistence',
  'aof_enabled:1',
  'aof_last_write_status:ok',
  '# Cluster',
  'cluster_enabled:0',
  '# Replication',
  'role:master',
].join('\r\n');

const good = parseRedisInfo(info);

describe('the facts about a Redis', () => {
  it('are read from INFO', () => {
    expect(good).toEqual({
      version: '7.0.15',
      role: 'master',
      maxmemoryPolicy: 'noeviction',
      maxmemoryBytes: 0,
      usedMemoryBytes: 1_048_576,
      aofEnabled: true,
      aofWrites: true,
      cluster: false,
    });
  });

  it('are absent where the server does not tell them', () => {
    expect(parseRedisInfo('redis_version:8.0.0\n')).toEqual({ version: '8.0.0' });
  });

  it('speak against nothing when all is well', () => {
    expect(assertRedisFit(good, { production: true })).toEqual([]);
  });

  it.each([
    [{ maxmemoryPolicy: 'allkeys-lru' }, true, 'refuse', /evict.*allkeys-lru.*noeviction/],
    [{ maxmemoryPolicy: 'allkeys-lru' }, false, 'warn', /evict/],
    [{ aofEnabled: false }, true, 'warn', /append-only.*appendonly yes/],
    [{ role: 'slave' }, true, 'refuse', /replica/],
    [{ version: '6.0.16' }, false, 'refuse', /6\.0\.16 is too old.*6\.2/],
    [{ version: '5.0.7' }, true, 'refuse', /too old/],
    [{ cluster: true }, false, 'refuse', /node of a cluster.*single primary/],
    [{ aofWrites: false }, false, 'warn', /could not write its append-only file/],
    [{ maxmemoryBytes: 1_400_000 }, false, 'warn', /75 % full.*maxmemory.*ANSWER_STORE_MB/],
    [{ skewMs: 2_001 }, false, 'warn', /clock of Redis is 2\.0 s ahead of ours/],
    [{ skewMs: -90_000 }, true, 'warn', /clock of Redis is 90\.0 s behind ours/],
  ])('tell what is wrong: %j in production %s -> %s', (wrong, production, level, message) => {
    expect(assertRedisFit({ ...good, ...wrong }, { production })).toEqual([
      { level, message: expect.stringMatching(message) },
    ]);
  });

  it('are said in words', () => {
    expect(describeRedis({ ...good, skewMs: -3 })).toBe(
      'version 7.0.15, noeviction, append-only file on, 1 MB of no limit, clock -3 ms',
    );
    expect(describeRedis({})).toBe('version unknown');
  });

  it('have the clocks compared, half a round trip allowed for', async () => {
    const clock = [10_000, 10_200];
    const redis = {
      info: () => Promise.resolve(info),
      time: () => Promise.resolve([13, 100_000]),
    };
    const { skewMs } = await redisFacts(redis, () => clock.shift() ?? 0);
    expect(skewMs).toBe(3_000);
  });

  it('let a development Redis without a file pass in silence', () => {
    expect(assertRedisFit({ ...good, aofEnabled: false }, { production: false })).toEqual([]);
  });
});

describe('a Redis URL', () => {
  it('is shown without user and password', () => {
    expect(redisLabel('rediss://me:hunter22@r.example:6380/3')).toBe('rediss://r.example:6380/3');
  });
});
