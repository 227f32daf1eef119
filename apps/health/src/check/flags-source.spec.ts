import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { endpointIds } from '@glasshouse/coinglass-client';
import { FlagStore, readFlagsFile, type FlagDocument } from '@glasshouse/flags';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import type { Redis } from 'ioredis';
import { flagsSourceOf } from './flags-source.ts';

const file = join(process.cwd(), '../../config/flags.json');
const told = { actor: 'ann', reason: 'a test', change: 'something' };

(redisIsHere ? describe : describe.skip)('where a process that starts has its flags from', () => {
  let server: PrivateRedis;
  let redis: Redis;
  let written: FlagDocument;

  beforeAll(async () => {
    server = await PrivateRedis.started();
    redis = server.client();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    await redis.flushall();
    const [newest = ''] = endpointIds;
    const { [`endpoint.${newest}`]: _new, ...flags } = (readFlagsFile(file) as FlagDocument).flags;
    written = { flags };
  });

  const write = (ids: readonly string[]) =>
    new FlagStore({ redis, endpointIds: ids }).write({
      ...told,
      ...{ expectedVersion: 0, document: written },
    });

  it('is Redis, also where an earlier release wrote that knew fewer flags', async () => {
    await write(endpointIds.slice(1));
    expect(await flagsSourceOf({ redis, file })()).toEqual({
      ...{ from: 'redis', version: 1, stale: false },
    });
  });

  it('is refused when the writer left out a flag that it knew', async () => {
    await write(endpointIds.slice(1));
    const known = JSON.stringify(new FlagStore({ redis, endpointIds }).knownKeys);
    await redis.hset('{coinglass}:flags:doc', 'knownKeys', known);
    await expect(flagsSourceOf({ redis, file })()).rejects.toThrow(/is missing/);
  });

  it('is the file while nobody has changed a flag', async () => {
    expect(await flagsSourceOf({ redis, file })()).toEqual({ from: 'file', stale: false });
  });
});
