import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import { OpenFeature, ServerProviderEvents } from '@openfeature/server-sdk';
import { flagOf, withVariant } from '../document/edits.ts';
import type { FlagDocument } from '../document/flag-document.ts';
import { isEndpointEnabled } from '../flags.ts';
import { defaults, endpointIds, funding, heatmap } from '../testing/documents.ts';
import { FlagStore } from './flag-store.ts';
import { openFlags } from './open-flags.ts';
import type { OpenFlags, OpenFlagsOptions } from './open-flags.ts';
import { sha256Of } from './records.ts';
import { redisKeys } from './redis-keys.ts';

const told = { actor: 'ann', reason: 'a test', change: 'something' };
const off = (key: string, document = defaults()): FlagDocument => withVariant(document, key, 'off');
const without = (key: string, { flags }: FlagDocument): FlagDocument => {
  const { [key]: _gone, ...rest } = flags;
  return { flags: rest };
};

const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
};

(redisIsHere ? describe : describe.skip)('flags over Redis', () => {
  let server: PrivateRedis;
  let folder: string;
  let file: string;
  const opened: OpenFlags[] = [];
  const lines: string[] = [];
  const say = (_fields: object, message: string) => void lines.push(message);
  const logger = { info: say, warn: say, error: say };

  beforeEach(async () => {
    server = await PrivateRedis.started({ appendOnly: true });
    folder = mkdtempSync(join(tmpdir(), 'flags-'));
    file = join(folder, 'flags.json');
    writeFileSync(file, JSON.stringify(defaults()));
  });
  afterEach(async () => {
    for (const flags of opened.splice(0)) flags.close();
    lines.length = 0;
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  const goodFile = () => join(folder, 'var', 'flags.json');
  const asking = () =>
    server.client({ enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: 500 });
  const open = async (options: Partial<OpenFlagsOptions> = {}): Promise<OpenFlags> => {
    const flags = await openFlags({
      ...{ file, redis: asking(), subscriber: server.client(), endpointIds, logger },
      ...{ lastKnownGoodFile: goodFile(), pollMs: 10, startWithinMs: 5_000 },
      ...options,
    });
    opened.push(flags);
    return flags;
  };
  const storeOf = (ids = endpointIds) =>
    new FlagStore({ redis: server.client(), endpointIds: ids });
  const write = async (document: FlagDocument, expectedVersion = 0, store = storeOf()) => {
    const written = await store.write({ ...told, expectedVersion, document });
    expect(written.state).toBe('written');
  };
  /** What a hand at redis-cli does. */
  const publish = async (version: number, text: string, sha256 = sha256Of(text)) => {
    const hash = { version, document: text, sha256, updatedAt: 1, actor: 'hand', reason: 'none' };
    const redis = server.client();
    await redis.hset(redisKeys.document, hash);
    await redis.publish(redisKeys.changed, String(version));
  };

  it('follow the file of defaults while Redis has no document', async () => {
    const flags = await open();
    expect(flags.source()).toEqual({ from: 'file', stale: false });
    writeFileSync(file, JSON.stringify(off('canary.auto')));
    await until(async () => !(await flags.boolean('canary.auto')).value);
    expect((await flags.boolean('canary.auto')).reason).toBe('STATIC');
  });

  it('take the document of Redis at the start, and each new one when it is announced', async () => {
    await write(off(`endpoint.${funding}`));
    const flags = await open({ pollMs: 60_000 });
    expect(flags.source()).toEqual({ from: 'redis', version: 1, stale: false });
    expect(await isEndpointEnabled(flags, funding)).toBe(false);

    await until(async () => Number(await server.client().publish(redisKeys.changed, '1')) > 0);
    await write(defaults(), 1);
    await until(() => isEndpointEnabled(flags, funding));
    expect(flags.source().version).toBe(2);
  });

  it('see a change nobody announced within the poll, and no longer the file', async () => {
    await write(defaults());
    const flags = await open();
    writeFileSync(file, JSON.stringify(off('vendor.egress.enabled')));
    const text = JSON.stringify(off(`endpoint.${funding}`));
    const redis = server.client();
    await redis.hset(redisKeys.document, {
      ...{ version: 2, document: text, sha256: sha256Of(text) },
    });
    await until(async () => !(await isEndpointEnabled(flags, funding)));
    expect((await flags.boolean('vendor.egress.enabled')).value).toBe(true);
  });

  it('go on with what they have when Redis is killed, say so, and recover', async () => {
    let now = 1_000;
    await write(off(`endpoint.${funding}`));
    const events: string[] = [];
    const hear = (event: ServerProviderEvents) => () => void events.push(event);
    const heard = [
      ServerProviderEvents.Stale,
      ServerProviderEvents.Ready,
      ServerProviderEvents.ConfigurationChanged,
    ].map((event) => [event, hear(event)] as const);
    const flags = await open({ now: () => now });
    for (const [event, handler] of heard) OpenFeature.addHandler(event, handler);
    events.length = 0;

    await server.kill();
    await until(() => flags.source().stale);
    now += 7_000;
    expect(flags.source()).toMatchObject({ from: 'redis', version: 1, stale: true });
    expect(flags.source().staleForMs).toBeGreaterThanOrEqual(7_000);
    expect(await flags.boolean(`endpoint.${funding}`)).toEqual({
      ...{ value: false, variant: 'off', reason: 'STALE' },
    });
    expect(await flags.boolean('endpoint.unheard/of')).toMatchObject({ reason: 'ERROR' });

    await server.start();
    await until(() => !flags.source().stale);
    expect(flags.source()).toEqual({ from: 'redis', version: 1, stale: false });
    expect((await flags.boolean(`endpoint.${funding}`)).reason).toBe('STATIC');
    await write(defaults(), 1);
    await until(() => isEndpointEnabled(flags, funding));
    for (const [event, handler] of heard) OpenFeature.removeHandler(event, handler);
    expect(events).toEqual([
      ServerProviderEvents.Stale,
      ServerProviderEvents.Ready,
      ServerProviderEvents.ConfigurationChanged,
    ]);
  });

  it.each([
    ['lacks a flag', () => JSON.stringify(without('coinglass.arm', defaults())), /is missing/],
    ['is no JSON', () => '{ broken', /is no JSON/],
    ['is null', () => 'null', /is no JSON object/],
    [
      'has a rule that flagd does not know',
      () => {
        const arm = { ...flagOf(defaults(), 'coinglass.arm'), targeting: { shell: [] } };
        return JSON.stringify({ flags: { ...defaults().flags, 'coinglass.arm': arm } });
      },
      /document: /,
    ],
  ])('keep what is in force when a document of Redis %s', async (_what, text, message) => {
    await write(off(`endpoint.${funding}`));
    const flags = await open();
    await publish(2, text());
    await until(() => flags.source().refused !== undefined);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(flags.source()).toMatchObject({
      ...{ from: 'redis', version: 1, stale: false },
      refused: { version: 2, problems: [expect.objectContaining({ level: 'error' })] },
    });
    expect(lines.filter((line) => line.includes('is not used'))).toEqual([
      expect.stringMatching(message),
    ]);
    expect(await isEndpointEnabled(flags, funding)).toBe(false);
    expect(JSON.parse(readFileSync(goodFile(), 'utf8'))).toMatchObject({ version: 1 });

    await write(defaults(), 2);
    await until(() => flags.source().version === 3);
    expect(flags.source().refused).toBeUndefined();
  });

  it('refuse a document that was altered behind its digest', async () => {
    await write(defaults());
    const flags = await open();
    await publish(2, JSON.stringify(off('vendor.egress.enabled')), sha256Of('other'));
    await until(() => flags.source().refused?.version === 2);
    expect((await flags.boolean('vendor.egress.enabled')).value).toBe(true);
  });

  it('start from the last known good file when Redis is away, and leave no other file', async () => {
    await write(off(`endpoint.${funding}`));
    await open();
    await server.kill();
    const late = await open({ startWithinMs: 20 });
    expect(late.source()).toMatchObject({ from: 'last-known-good', version: 1, stale: true });
    expect(await isEndpointEnabled(late, funding)).toBe(false);
    expect(readdirSync(join(folder, 'var'))).toEqual(['flags.json']);

    await server.start();
    await until(() => late.source().from === 'redis');
    expect(await isEndpointEnabled(late, funding)).toBe(false);
  });

  it('start with the defaults when Redis is away and there is no file', async () => {
    await server.kill();
    const flags = await open({ startWithinMs: 20 });
    expect(flags.source()).toMatchObject({ from: 'file', stale: true });
    expect(await flags.boolean('vendor.egress.enabled')).toMatchObject({
      ...{ value: true, reason: 'STALE' },
    });
  });

  it.each([
    ['broken', (text: string) => text.slice(0, -9), /no saved flag document/],
    ['altered', (text: string) => text.replace('baseline', 'baselin'), /altered/],
    [
      'of another Redis',
      (text: string) => text.replace(/"redis":"[^"]+"/, '"redis":"10.0.0.1:6379/0"'),
      /another Redis, 10\.0\.0\.1/,
    ],
  ])('pass over a last known good file that is %s', async (_what, spoil, message) => {
    await write(off(`endpoint.${funding}`));
    await open();
    await server.kill();
    writeFileSync(goodFile(), spoil(readFileSync(goodFile(), 'utf8')));
    const flags = await open({ startWithinMs: 20 });
    expect(flags.source()).toMatchObject({ from: 'file', stale: true });
    expect(lines).toContainEqual(expect.stringMatching(message));
  });

  it('put the document back when Redis has lost it', async () => {
    await write(off(`endpoint.${funding}`));
    const flags = await open();
    await server.client().flushall();
    await until(() => flags.source().version === 2);
    expect(await storeOf().read()).toMatchObject({
      ...{ version: 2, actor: 'restore', document: off(`endpoint.${funding}`) },
    });
    expect(await isEndpointEnabled(flags, funding)).toBe(false);

    // Also when all were away meanwhile.
    flags.close();
    await server.client().flushall();
    const late = await open();
    await until(() => late.source().from === 'redis');
    expect(late.source().version).toBe(3);
    expect(await isEndpointEnabled(late, funding)).toBe(false);
  });

  it('put back the newest document that anybody knows, whoever was first', async () => {
    await write(defaults());
    const lastKnownGoodFile = join(folder, 'elsewhere.json');
    (await open({ lastKnownGoodFile })).close();
    await write(off(`endpoint.${funding}`), 1);
    const ahead = await open({ pollMs: 60_000 });
    await server.client().flushall();
    const behind = await open({ lastKnownGoodFile });
    await until(() => behind.source().version === 3);
    for (const flags of [ahead, behind]) {
      await until(() => flags.source().version === 3);
      expect(await isEndpointEnabled(flags, funding)).toBe(false);
    }
    const rows = await storeOf().audit(10);
    expect(rows.map(({ version, actor }) => [version, actor])).toEqual([
      [3, 'restore'],
      [2, 'restore'],
    ]);
  });

  it('complete a document of an earlier release, once, and keep its switches', async () => {
    const early = storeOf([funding]);
    const known = without(`endpoint.${heatmap}`, off(`endpoint.${funding}`));
    await write(known, 0, early);
    const processes = await Promise.all([open(), open(), open()]);
    for (const flags of processes) {
      await until(() => flags.source().version === 2);
      expect(flags.source().refused).toBeUndefined();
      expect(await isEndpointEnabled(flags, funding)).toBe(false);
      expect(await isEndpointEnabled(flags, heatmap)).toBe(false);
    }
    const rows = await storeOf().audit(10);
    expect(rows.map(({ actor }) => actor)).toEqual(['upgrade', 'ann']);
    expect(rows[0]?.changes).toMatchObject([{ key: `endpoint.${heatmap}` }]);
  });

  it('of an earlier release only remark on flags they do not know', async () => {
    await write(defaults());
    const flags = await open({ endpointIds: [funding] });
    expect(flags.source()).toMatchObject({ from: 'redis', version: 1 });
    expect(lines).toContainEqual(expect.stringMatching(/heatmap\/model1 is read by nobody/));
  });

  it('do not complete a document that its writer could have written whole', async () => {
    await write(off(`endpoint.${funding}`));
    const text = JSON.stringify(without(`endpoint.${funding}`, defaults()));
    await publish(2, text);
    const flags = await open();
    expect(flags.source()).toMatchObject({ from: 'file', refused: { version: 2 } });
    expect(await storeOf().version()).toMatchObject({ version: 2 });
  });

  it('go with the document of Redis when it is older than the one in force', async () => {
    await write(off(`endpoint.${funding}`));
    await write(defaults(), 1);
    const flags = await open();
    await publish(1, JSON.stringify(off(`endpoint.${funding}`)));
    await until(async () => !(await isEndpointEnabled(flags, funding)));
    expect(lines).toContainEqual(expect.stringMatching(/older flag document, 1/));
  });

  it('do not start with defaults that cannot be used', async () => {
    writeFileSync(file, '{}');
    await expect(open()).rejects.toThrow('The flag definitions cannot be used');
  });

  it('say nothing more when they are closed', async () => {
    await write(defaults());
    const flags = await open();
    flags.close();
    await publish(2, JSON.stringify(off('vendor.egress.enabled')));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(flags.source().version).toBe(1);
  });
});
