import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { buildInstrumentTable, Failure } from '@glasshouse/coinglass-client';
import { BackfillStore, PageLeases, type StoredPage } from '@glasshouse/fetch-queue';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import type { Logger } from '@glasshouse/service-kit';
import type { Scope } from '@glasshouse/teams';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Redis } from 'ioredis';
import { RouteTable } from '../http/route-table.ts';
import { createGatewayServer } from '../http/server.ts';
import { StreamPlaces } from '../jobs/stream-places.ts';
import { RequestObserver } from '../observe/request-observer.ts';
import { BackfillDesk } from './backfill-desk.ts';
import { registerBackfillRoutes } from './backfill-routes.ts';

const quiet = () => undefined;
const logger = { info: quiet, warn: quiet, error: quiet } as unknown as Logger;
const upstream = { origin: 'http://x', plan: 'standard' } as const;
const hour = 3_600_000;
const table = buildInstrumentTable({
  OKX: [{ instrument_id: 'SOL-USDT-SWAP', base_asset: 'SOL', quote_asset: 'USDT' }],
});
const now = Date.UTC(2026, 10, 25, 12, 30);
const order = { what: 'funding', coin: 'sol', from: now - 2_500 * hour };

(redisIsHere ? describe : describe.skip)('backfills over HTTP', () => {
  let server: PrivateRedis;
  let redis: Redis;
  let fastify: FastifyInstance;
  let leases: PageLeases;
  let origin: string;
  let off: Failure | undefined;

  beforeAll(async () => {
    server = await PrivateRedis.started();
    redis = server.client();
    const store = new BackfillStore({ redis, activeMax: 3 });
    leases = new PageLeases({ redis, upstream, leaseMs: 60_000 });
    const routes = new RouteTable();
    fastify = Fastify({
      serverFactory: (framework) => createGatewayServer(framework, () => false, routes),
    });
    routes.follow(fastify);
    registerBackfillRoutes(fastify, {
      // Keys are the names of teams here.
      door: {
        observer: new RequestObserver(logger, { add: () => undefined }),
        access: {
          enter: async ({ authorization: id = 'alpha' }, scope) => ({
            team: { id, weight: 1 },
            scopes: new Set<Scope>(id === 'root' ? ['admin'] : [scope]),
          }),
        },
      },
      store,
      places: new StreamPlaces(),
      desk: new BackfillDesk({
        store,
        upstream,
        instruments: { lookUp: async (find) => find(table) },
        forbidden: async () => off,
        jobsWaiting: async () => 0,
        lane: { limit: 250, windowMs: 60_000 },
        now: () => now,
      }),
    });
    await fastify.listen({ port: 0, host: '127.0.0.1' });
    origin = `http://127.0.0.1:${(fastify.server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    await fastify.close();
    await server.stop();
  });
  beforeEach(async () => {
    off = undefined;
    await redis.flushall();
  });

  const send = async (
    method: string,
    path: string,
    { body, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {},
  ) => {
    const response = await fetch(`${origin}${path}`, {
      method,
      headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test reads whatever came
    const json: any = /json;/.test(response.headers.get('content-type') ?? '')
      ? JSON.parse(text)
      : {};
    return { status: response.status, headers: response.headers, text, json };
  };
  const ordered = async (more = {}, headers = {}) => {
    const answer = await send('POST', '/v1/backfills', { body: { ...order, ...more }, headers });
    expect(answer.status).toBe(202);
    return answer.json;
  };
  const store = async (more: Partial<StoredPage> = {}): Promise<void> => {
    const lease = await leases.claim('t');
    if (!lease) throw new Error('no page is due');
    const facts: StoredPage = {
      state: 'done',
      rows: 1,
      fetchedAt: now,
      source: 'sandbox',
      permits: 1,
      missing: [],
      repeated: 1,
      conflicting: 0,
      strayed: 0,
      newFields: [],
      ...more,
    };
    await leases.store(lease, facts, `{"time":${lease.page},"close":0.10,"open_candle":false}\n`);
  };

  it('are quoted without being begun', async () => {
    for (const [path, body] of [
      ['/v1/backfills?dryRun=true', order],
      ['/v1/backfills', { ...order, quoteOnly: true }],
    ] as const) {
      const { status, json } = await send('POST', path, { body });
      expect(status).toBe(200);
      expect(json.quote).toMatchObject({
        endpoint: 'futures/funding-rate/history',
        params: { exchange: 'OKX', symbol: 'SOL-USDT-SWAP' },
        interval: '1h',
        requests: 3,
        candles: 2_500,
        ahead: 0,
        requestsPerMinute: 225,
        openUntil: Date.UTC(2026, 10, 25, 13),
      });
      expect(json.quote.finishAt).toBe(now + json.quote.durationMs);
    }
    expect(await redis.keys('*')).toEqual([]);
  });

  it('are ordered, followed and read while they run', async () => {
    const { id, links, state, pages } = await ordered();
    expect({ state, pages }).toEqual({ state: 'queued', pages: { total: 3, done: 0, lost: 0 } });
    await store();
    const looked = await send('GET', links.self);
    expect(looked.json).toMatchObject({ id, state: 'running', rows: 1, etaAt: expect.any(Number) });
    const data = await send('GET', `${links.data}?format=ndjson`);
    expect(data.text).toBe('{"time":0,"close":0.10,"open_candle":false}\n');
    expect(data.headers.get('x-backfill-complete')).toBe('false');
    expect(data.headers.get('x-backfill-pages')).toBe('1/3');
    await store();
    await store({ missing: [{ from: order.from, to: order.from + hour }] });
    const csv = await send('GET', links.data);
    expect(csv.headers.get('x-backfill-complete')).toBe('true');
    expect(csv.text.split('\r\n').slice(1)).toEqual([
      '0,,,,,0.10,false',
      '1,,,,,0.10,false',
      '2,,,,,0.10,false',
      '',
    ]);
    expect((await send('GET', links.gaps)).json).toMatchObject({
      complete: true,
      state: 'completed-with-gaps',
      gaps: [{ candles: 1, reason: 'not-in-answer' }],
      repeated: 3,
    });
  });

  it('tell their progress until they end', async () => {
    const { links } = await ordered({ from: now - 5 * hour });
    const stream = send('GET', links.events);
    await store();
    const { text } = await stream;
    expect(text).toContain('event: end');
    expect(text).toContain('"state":"completed"');
    const [, id = ''] = /id: (completed.*)/.exec(text) ?? [];
    const again = await send('GET', links.events, { headers: { 'last-event-id': id } });
    expect(again.status).toBe(204);
  });

  it('are one when the key is one, and a conflict when the body is another', async () => {
    const headers = { 'idempotency-key': 'k-1' };
    const many = await Promise.all(
      Array.from({ length: 10 }, () => send('POST', '/v1/backfills', { body: order, headers })),
    );
    expect(new Set(many.map(({ json }) => json.id)).size).toBe(1);
    expect(many.filter(({ status }) => status === 202)).toHaveLength(1);
    const other = await send('POST', '/v1/backfills', {
      body: { ...order, unit: 'usd', what: 'oi' },
      headers,
    });
    expect(other).toMatchObject({ status: 409, json: { kind: 'idempotency-conflict' } });
    const stranger = await send('POST', '/v1/backfills', {
      body: order,
      headers: { ...headers, authorization: 'beta' },
    });
    expect(stranger.status).toBe(202);
  });

  it('are not there for other teams, by whatever route, but for the operators', async () => {
    const { id, links } = await ordered();
    const beta = { headers: { authorization: 'beta' } };
    for (const [method, path] of [
      ['GET', links.self],
      ['GET', links.events],
      ['GET', links.data],
      ['GET', links.gaps],
      ['DELETE', links.self],
      ['POST', `${links.self}/resume`],
    ] as const) {
      const theirs = await send(method, path, beta);
      const nobodys = await send(method, path.replace(id, `b${'0'.repeat(32)}`));
      for (const { status, json } of [theirs, nobodys]) {
        expect({ status, kind: json.kind }).toEqual({ status: 404, kind: 'job-unknown' });
      }
      expect(theirs.json.detail).toBe(nobodys.json.detail);
    }
    expect((await send('GET', '/v1/backfills', beta)).json.backfills).toEqual([]);
    expect((await send('GET', links.self, { headers: { authorization: 'root' } })).status).toBe(
      200,
    );
    expect((await send('GET', '/v1/backfills/..%2f..')).status).toBe(404);
  });

  it('are cancelled, keep what they have, and are taken up again', async () => {
    const { links } = await ordered();
    await store();
    expect((await send('DELETE', links.self)).json).toMatchObject({ state: 'cancelled', rows: 1 });
    expect((await send('DELETE', links.self)).json.state).toBe('cancelled');
    expect(await leases.claim('t')).toBeUndefined();
    const resumed = await send('POST', `${links.self}/resume`);
    expect({ status: resumed.status, state: resumed.json.state }).toEqual({
      status: 202,
      state: 'queued',
    });
    await store();
    await store();
    expect((await send('GET', links.self)).json).toMatchObject({ state: 'completed', rows: 3 });
  });

  it('show nothing of the vendor’s own words', async () => {
    const { id, links } = await ordered();
    const failure = {
      kind: 'upstream-credentials',
      detail: 'refused',
      upstream: { message: 'secret words' },
    } as const;
    await new BackfillStore({ redis }).end(id, 'failed', { failure });
    const { text } = await send('GET', links.self);
    expect(text).toContain('upstream-credentials');
    expect(text).not.toContain('secret words');
  });

  it.each([
    ['no such series', { what: 'etf/bitcoin/list' }, 'what', 400],
    ['no such coin', { coin: 'SLO' }, 'coin', 404],
    ['no such exchange', { exchange: 'Nowhere' }, 'exchange', 404],
    ['no such interval', { interval: '2h' }, 'interval', 400],
    ['a time that is none', { from: 'soon' }, 'from', 400],
    ['a parameter that the series has not', { unit: 'usd' }, 'unit', 400],
    ['an unknown member', { limit: 5 }, 'limit', 400],
    ['a range the plan does not see', { from: '2020-01-01', to: '2020-02-01' }, 'to', 400],
  ])('with %s cost nothing and say which field', async (_what, more, field, status) => {
    const answer = await send('POST', '/v1/backfills', { body: { ...order, ...more } });
    expect({ status: answer.status, field: answer.json.errors?.[0]?.field }).toEqual({
      status,
      field,
    });
    expect(await redis.keys('*')).toEqual([]);
  });

  it('say what the plan cuts off', async () => {
    const body = { ...order, interval: '1m', from: now - 10 * 24 * hour };
    expect(
      (await send('POST', '/v1/backfills?dryRun=true', { body })).json.quote.clipped,
    ).toMatchObject({
      plan: 'standard',
      depthDays: 6,
    });
  });

  it('are bounded in number, and refused while switched off', async () => {
    for (let n = 0; n < 3; n += 1) await ordered();
    const fourth = await send('POST', '/v1/backfills', { body: order });
    expect(fourth).toMatchObject({ status: 429, json: { kind: 'team-quota' } });
    off = new Failure('egress-disabled', 'off');
    expect((await send('POST', '/v1/backfills', { body: order })).json.kind).toBe(
      'egress-disabled',
    );
  });
});
