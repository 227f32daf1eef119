import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { endpointIds, Failure } from '@glasshouse/coinglass-client';
import { FlagStore, type FlagsSource } from '@glasshouse/flags';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import type { Scope } from '@glasshouse/teams';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Redis } from 'ioredis';
import { RequestObserver } from '../observe/request-observer.ts';
import { FlagDesk } from './flag-desk.ts';
import { registerFlagRoutes } from './flag-routes.ts';

const funding = 'endpoint.futures/funding-rate/history';
const quiet = () => undefined;

interface Body extends Record<string, unknown> {
  readonly kind?: string;
  readonly version?: number;
  readonly detail?: string;
  readonly flags?: { readonly key: string }[];
  readonly errors?: { readonly field: string; readonly suggestions?: string[] }[];
}

(redisIsHere ? describe : describe.skip)('the flags over HTTP', () => {
  let server: PrivateRedis;
  let redis: Redis;
  let fastify: FastifyInstance;
  let origin: string;
  let granted: ReadonlySet<Scope>;
  let source: FlagsSource;

  beforeAll(async () => {
    server = await PrivateRedis.started();
    redis = server.client({ maxRetriesPerRequest: 0 });
    fastify = Fastify({ forceCloseConnections: true });
    registerFlagRoutes(fastify, {
      access: {
        enter: (_headers, scope) =>
          granted.has(scope)
            ? Promise.resolve({
                ...{ team: { id: 'desk', weight: 1 }, keyId: 'Xabc1234', scopes: granted },
              })
            : Promise.reject(new Failure('forbidden-scope', `needs ${scope}`)),
      },
      observer: new RequestObserver({ warn: quiet, error: quiet } as never, { add: quiet }),
      desk: new FlagDesk({
        store: new FlagStore({ redis, endpointIds }),
        file: join(process.cwd(), '../../config/flags.json'),
        source: () => source,
      }),
    });
    origin = await fastify.listen({ port: 0, host: '127.0.0.1' });
  });
  afterAll(async () => {
    await fastify.close();
    await server.stop();
  });
  beforeEach(async () => {
    granted = new Set(['flags:read', 'flags:write']);
    source = { from: 'file', stale: false };
    await redis.flushall();
  });

  const ask = async (method: string, path: string, body?: unknown, headers = {}) => {
    const response = await fetch(`${origin}/v1/flags${path}`, {
      ...{ method, headers: { 'content-type': 'application/json', ...headers } },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const json = (await response.json()) as Body;
    return { status: response.status, etag: response.headers.get('etag'), json };
  };
  const get = (path: string) => ask('GET', path);
  const put = (key: string, order: object, headers = {}) =>
    ask('PUT', `/${key}`, { reason: 'a test', ...order }, headers);

  it('lists every flag, and where this gateway has them from', async () => {
    const { status, etag, json } = await get('');
    expect([status, etag]).toEqual([200, '"0"']);
    expect(json).toMatchObject({ version: 0, source: { from: 'file', stale: false } });
    expect(json.flags).toHaveLength(5 + endpointIds.length);
    expect(json.flags).toContainEqual(
      expect.objectContaining({
        ...{ key: 'coinglass.arm', type: 'string', owner: 'platform', expires: 'never' },
        gives: { variant: 'baseline', value: 'baseline' },
      }),
    );
  });

  it('switches an endpoint off, its key written plainly or encoded', async () => {
    const killed = await put(funding, { value: false });
    expect(killed).toMatchObject({ status: 200, etag: '"1"', json: { state: 'written' } });
    expect(killed.json['changes']).toMatchObject([
      { key: funding, before: { defaultVariant: 'on' }, after: { defaultVariant: 'off' } },
    ]);
    for (const key of [funding, encodeURIComponent(funding)])
      expect((await get(`/${key}`)).json).toMatchObject({ key: funding, gives: { value: false } });
    expect((await put(encodeURIComponent(funding), { variant: 'off' })).json).toMatchObject({
      ...{ state: 'left', version: 1, changes: [] },
    });
  });

  it('divides calls, and tells what one would get', async () => {
    await put('coinglass.arm', { shares: { baseline: 90, canary: 10 } });
    expect((await get('/coinglass.arm?as=call-7')).json).toMatchObject({
      ...{ version: 1, gives: { shares: { canary: 10, baseline: 90 } } },
      reading: { value: 'baseline', reason: 'TARGETING_MATCH', ruled: true },
    });
  });

  it('tells who changed what and why, and goes back', async () => {
    await put('coinglass.rpm', { value: 60 });
    await put('canary.auto', { variant: 'off' });
    const back = await ask('POST', '/revert', { version: 1, reason: 'too early' });
    expect(back).toMatchObject({ status: 200, etag: '"3"' });
    expect((await get('/history?limit=2')).json['versions']).toMatchObject([
      { version: 3, actor: 'desk/Xabc1234', reason: 'too early', change: 'revert to version 1' },
      { version: 2, reason: 'a test', change: 'set canary.auto off' },
    ]);
    expect((await get('/audit')).json['changes']).toMatchObject([
      { version: 3, changes: [{ key: 'canary.auto' }] },
      { version: 2 },
      { version: 1, changes: [{ key: 'coinglass.rpm' }] },
    ]);
  });

  it('refuses a change decided on another version than the one there', async () => {
    await put('coinglass.rpm', { value: 60 }, { 'if-match': '"0"' });
    const late = await put('coinglass.rpm', { value: 70 }, { 'if-match': '"0"' });
    expect([late.status, late.json.kind]).toEqual([409, 'change-refused']);
    expect(late.json.detail).toMatch(/Version 1 of the flags is there, not 0/);
    const back = await ask('POST', '/revert', { version: 1, reason: 'x' }, { 'if-match': '"7"' });
    expect([back.status, back.json.kind]).toEqual([409, 'change-refused']);
    expect((await put('coinglass.rpm', { value: 70 }, { 'if-match': '"1"' })).etag).toBe('"2"');
    expect((await put('coinglass.rpm', { value: 80 }, { 'if-match': '*' })).etag).toBe('"3"');
    expect((await put('coinglass.rpm', { value: 1 }, { 'if-match': '2' })).status).toBe(400);
  });

  it.each([
    ['an unknown flag', 'coinglas.arm', { variant: 'canary' }, 'flag'],
    ['an unknown variant', 'coinglass.arm', { variant: 'canari' }, 'coinglass.arm'],
    ['a value that does not fit', 'coinglass.rpm', { value: 'many' }, 'coinglass.rpm'],
    [
      'a division of what is not drawn',
      'canary.auto',
      { shares: { on: 1, off: 99 } },
      'canary.auto',
    ],
    ['shares over 100', 'coinglass.arm', { shares: { canary: 60, baseline: 60 } }, 'coinglass.arm'],
    ['two orders at once', 'coinglass.rpm', { value: 60, variant: 'low' }, 'body'],
    ['no order', 'coinglass.rpm', {}, 'body'],
    ['no reason', 'coinglass.rpm', { value: 60, reason: ' ' }, 'reason'],
    ['a misspelt member', 'coinglass.rpm', { valeu: 60 }, 'valeu'],
    ['every object’s key', 'constructor', { value: true }, 'flag'],
  ])('refuses %s and names the field', async (_what, key, order, field) => {
    const { status, json } = await put(key, order);
    expect([status, json.kind, json.errors?.[0]?.field]).toEqual([400, 'invalid-request', field]);
    expect(await redis.dbsize()).toBe(0);
  });

  it('suggests the nearest flag, and refuses a limit that is none', async () => {
    const { json } = await get('/coinglas.arm');
    expect(json.errors?.[0]?.suggestions).toContain('coinglass.arm');
    expect((await get('/history?limit=0')).json.errors?.[0]?.field).toBe('limit');
    expect((await get('?limit=1')).json.errors?.[0]?.field).toBe('limit');
  });

  it('lets nobody read or write without the scope', async () => {
    granted = new Set(['read', 'flags:write']);
    for (const path of ['', '/coinglass.arm', '/history', '/audit'])
      expect((await get(path)).json.kind).toBe('forbidden-scope');
    granted = new Set(['read', 'flags:read']);
    expect((await put('coinglass.rpm', { value: 60 })).json.kind).toBe('forbidden-scope');
    const back = await ask('POST', '/revert', { version: 1, reason: 'x' });
    expect([back.status, back.json.kind]).toEqual([403, 'forbidden-scope']);
    expect(await redis.dbsize()).toBe(0);
  });

  it('says how to get out when what is stored cannot be used', async () => {
    await put('canary.auto', { value: false });
    await redis.hset('{coinglass}:flags:doc', 'document', '{}', 'version', 2);
    const { status, json } = await get('');
    expect([status, json.kind]).toEqual([409, 'change-refused']);
    expect(json.detail).toMatch(/altered.*revert/);
    expect((await put('canary.auto', { value: true })).status).toBe(409);
    const back = await ask('POST', '/revert', { version: 1, reason: 'x' });
    expect([back.status, back.etag]).toEqual([200, '"3"']);
  });

  it('says the same of a flag that is none, also where the digest fits', async () => {
    await put('canary.auto', { value: false });
    const document = JSON.stringify({ flags: { junk: {} } });
    const sha256 = createHash('sha256').update(document).digest('hex');
    await redis.hset('{coinglass}:flags:doc', { document, sha256, version: 2 });
    expect([(await get('')).status, (await get('/junk')).status]).toEqual([409, 409]);
    expect((await put('canary.auto', { value: true })).status).toBe(409);
    const back = await ask('POST', '/revert', { version: 1, reason: 'x' });
    expect([back.status, back.etag]).toEqual([200, '"3"']);
  });

  it('does not begin with the defaults while Redis has lost what is in force', async () => {
    source = { from: 'redis', version: 7, stale: false };
    const { status, json } = await put('coinglass.rpm', { value: 60 });
    expect([status, json.kind]).toEqual([409, 'change-refused']);
    expect(json.detail).toMatch(/version 7 is put back within seconds/);
    expect(await redis.dbsize()).toBe(0);
  });

  it('is store-unavailable while Redis is away', async () => {
    await server.kill();
    expect((await get('')).json.kind).toBe('store-unavailable');
    expect((await put('canary.auto', { value: true })).json.kind).toBe('store-unavailable');
    expect((await get('/history')).json.kind).toBe('store-unavailable');
    await server.start();
  });
});
