import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import type { Redis } from 'ioredis';
import { flagOf, withSplit, withValue, withVariant } from '../document/edits.ts';
import { FlagsError } from '../flags-error.ts';
import { defaults, endpointIds } from '../testing/documents.ts';
import { changeFlags } from './change-flags.ts';
import { FlagStore } from './flag-store.ts';
import { redisKeys } from './redis-keys.ts';

const told = { actor: 'ann', reason: 'a test', change: 'something' };
const at = 1_700_000_000_000;

(redisIsHere ? describe : describe.skip)('the flag document in Redis', () => {
  let server: PrivateRedis;
  let redis: Redis;
  let store: FlagStore;

  beforeAll(async () => {
    server = await PrivateRedis.started();
    redis = server.client();
    store = new FlagStore({ redis, endpointIds, now: () => at });
  });
  afterAll(() => server.stop());
  beforeEach(() => redis.flushall());

  const set = (key: string, value: unknown) =>
    changeFlags({
      ...{ store, defaults: defaults(), ...told },
      edit: (document) => withValue(document, key, value),
    });

  it('is not there at first', async () => {
    expect(await store.read()).toBeUndefined();
    expect(await store.version()).toEqual({ version: 0, sha256: '' });
    expect(await store.history(10)).toEqual([]);
    expect(await store.audit(10)).toEqual([]);
    expect(await store.at(1)).toBeUndefined();
  });

  it('begins with the defaults, and tells who changed what and why', async () => {
    expect(await set('coinglass.rpm', 50)).toMatchObject({ state: 'written', version: 1 });
    const low = withVariant(defaults(), 'coinglass.rpm', 'low');
    const stored = await store.read();
    expect(stored).toMatchObject({ version: 1, document: low, updatedAt: at, actor: 'ann' });
    expect(await store.at(1)).toEqual(stored);

    await set('canary.auto', false);
    expect(await store.history(10)).toMatchObject([
      { version: 2, actor: 'ann', reason: 'a test', change: 'something', updatedAt: at },
      { version: 1 },
    ]);
    expect(await store.history(1)).toHaveLength(1);
    const [row] = await store.audit(1);
    expect(row).toEqual({
      ...told,
      version: 2,
      at,
      changes: [
        {
          key: 'canary.auto',
          before: flagOf(defaults(), 'canary.auto'),
          after: { ...flagOf(defaults(), 'canary.auto'), defaultVariant: 'off' },
        },
      ],
    });
  });

  it('is not written by who saw an older one, nor for nothing', async () => {
    await set('coinglass.rpm', 50);
    const late = { ...told, expectedVersion: 0, document: defaults() };
    expect(await store.write(late)).toEqual({ state: 'conflict', version: 1 });
    expect(await set('coinglass.rpm', 50)).toMatchObject({ state: 'left', version: 1 });
    expect(await store.audit(10)).toHaveLength(1);
    expect(await store.history(10)).toHaveLength(1);
  });

  it('takes each of 50 writers at once, one version and one row each', async () => {
    const versions: number[] = [];
    const listener = server.client();
    await listener.subscribe(redisKeys.changed);
    listener.on('message', (_channel, version: string) => void versions.push(Number(version)));
    let edits = 0;
    const writers = Array.from({ length: 50 }, async (_, writer) => {
      const own = new FlagStore({ redis: server.client(), endpointIds });
      return changeFlags({
        ...{ store: own, defaults: defaults(), actor: `writer-${writer}` },
        ...{ reason: 'all at once', change: `set ${writer}` },
        edit: (document) => {
          edits += 1;
          const { variants } = flagOf(document, 'coinglass.rpm');
          const more = { ...variants, [`w${writer}`]: writer + 1 };
          const flag = { ...flagOf(document, 'coinglass.rpm'), variants: more };
          return { ...document, flags: { ...document.flags, 'coinglass.rpm': flag } };
        },
      });
    });
    const results = await Promise.all(writers);

    const all = Array.from({ length: 50 }, (_, n) => n + 1);
    expect(results.map(({ version }) => version).sort((a, b) => a - b)).toEqual(all);
    expect(edits).toBeGreaterThan(50);
    const rows = (await store.audit(100)).reverse();
    expect(rows.map(({ version }) => version)).toEqual(all);
    expect(new Set(rows.map(({ actor }) => actor)).size).toBe(50);
    // Nobody's change was lost.
    const { document } = (await store.read()) ?? { document: defaults() };
    expect(Object.keys(flagOf(document, 'coinglass.rpm').variants)).toHaveLength(4 + 50);
    await listener.ping();
    expect(versions).toEqual(all);
  }, 30_000);

  it('asks who lost the race again, who may leave it then', async () => {
    let asked = 0;
    const result = await changeFlags({
      ...{ store, defaults: defaults(), ...told },
      edit: (document, version) => {
        asked += 1;
        if (version > 0) return undefined;
        return withSplit(document, 'coinglass.arm', { canary: 1, baseline: 99 });
      },
    });
    expect(result).toMatchObject({ state: 'written', version: 1 });
    expect(asked).toBe(1);
    const human = { ...told, expectedVersion: 1, document: defaults() };
    const canary = changeFlags({
      ...{ store, defaults: defaults(), ...told, actor: 'canary' },
      edit: (document, version) =>
        version === 1 ? withVariant(document, 'coinglass.arm', 'canary') : undefined,
    });
    const [, outcome] = await Promise.all([store.write(human), canary]);
    expect(outcome.state).toBe((await store.read())?.actor === 'ann' ? 'left' : 'written');
  });

  it.each([
    ['a flag is missing', { flags: {} }],
    ['it is no document', 'text'],
    ['flagd would not take it', withRule({ shell: ['rm'] })],
    ['a share is negative', withRule({ fractional: [['canary', -1]] })],
  ])('is never written when %s', async (_what, document) => {
    const write = store.write({ ...told, expectedVersion: 0, document });
    await expect(write).rejects.toThrow(FlagsError);
    expect(await redis.keys('*')).toEqual([]);
  });

  it('is not written without a reason', async () => {
    const write = store.write({
      ...{ ...told, reason: ' ' },
      ...{ expectedVersion: 0, document: defaults() },
    });
    await expect(write).rejects.toThrow('reason: is missing');
  });

  it('is refused when it is not what was written, and can be written anew', async () => {
    await set('coinglass.rpm', 50);
    await redis.hset(redisKeys.document, 'document', JSON.stringify(defaults()));
    await expect(store.read()).rejects.toThrow('does not fit its sha256');
    await expect(set('coinglass.rpm', 125)).rejects.toThrow(FlagsError);
    const { version } = await store.version();
    const anew = { ...told, expectedVersion: version, document: defaults() };
    expect(await store.write(anew)).toEqual({ state: 'written', version: 2 });
    expect(await store.read()).toMatchObject({ version: 2 });
  });

  it('keeps 500 versions', async () => {
    await redis.hset(redisKeys.document, 'version', 500);
    await redis.hset(redisKeys.history, '1', 'old', '2', 'newer');
    await store.write({ ...told, expectedVersion: 500, document: defaults() });
    expect((await redis.hkeys(redisKeys.history)).sort()).toEqual(['2', '501']);
  });

  it('goes on above the version that was lost', async () => {
    const lost = { ...told, expectedVersion: 0, aboveVersion: 7, document: defaults() };
    expect(await store.write(lost)).toEqual({ state: 'written', version: 8 });
  });
});

function withRule(targeting: unknown): unknown {
  const document = defaults();
  const arm = { ...flagOf(document, 'coinglass.arm'), targeting };
  return { ...document, flags: { ...document.flags, 'coinglass.arm': arm } };
}
