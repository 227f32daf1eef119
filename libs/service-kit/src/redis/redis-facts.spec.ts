import { describe, expect, it } from '@jest/globals';
import { redisLabel } from './redis-address.ts';
import { assertRedisFit, parseRedisInfo } from './redis-facts.ts';

const info = [
  '# Server',
  'redis_version:7.0.15',
  '# Memory',
  'used_memory:1048576',
  'maxmemory:0',
  'maxmemory_policy:noeviction',
  '# Persistence',
  'aof_enabled:1',
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
  ])('tell what is wrong: %j in production %s -> %s', (wrong, production, level, message) => {
    expect(assertRedisFit({ ...good, ...wrong }, { production })).toEqual([
      { level, message: expect.stringMatching(message) },
    ]);
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
