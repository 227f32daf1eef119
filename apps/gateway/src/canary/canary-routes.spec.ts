import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CanaryDesk, defaultPlan, RunStore } from '@glasshouse/canary';
import { Failure } from '@glasshouse/coinglass-client';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import { redisReady, type Logger } from '@glasshouse/service-kit';
import type { Scope } from '@glasshouse/teams';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Redis } from 'ioredis';
import { RequestObserver } from '../observe/request-observer.ts';
import { registerCanaryRoutes } from './canary-routes.ts';

const quiet = () => undefined;
const logger = { info: quiet, warn: quiet, error: quiet } as unknown as Logger;
const flagsFile = resolve(import.meta.dirname, '../../../../config/flags.json');
const document: unknown = JSON.parse(readFileSync(flagsFile, 'utf8'));

interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly text: string;
  readonly json: Record<string, unknown> & {
    run?: Record<string, unknown> | null;
    errors?: { field: string }[];
  };
}

(redisIsHere ? describe : describe.skip)('the canary over HTTP', () => {
  let server: PrivateRedis;
  let redis: Redis;
  let fastify: FastifyInstance;
  let origin: string;
  let scopes: ReadonlySet<Scope>;

  beforeAll(async () => {
    server = await PrivateRedis.started();
    redis = server.client({ enableOfflineQueue: false, maxRetriesPerRequest: 0 });
    await redisReady(redis, 2_000);
    fastify = Fastify({ forceCloseConnections: true });
    registerCanaryRoutes(fastify, {
      observer: new RequestObserver(logger, { add: quiet }),
      access: {
        enter: (_headers, scope) =>
          scopes.has(scope)
            ? Promise.resolve({ team: { id: 'desk', weight: 1 }, keyId: 'Xabc1234', scopes })
            : Promise.reject(new Failure('forbidden-scope', `needs ${scope}`)),
      },
      desk: new CanaryDesk({
        store: new RunStore({ redis }),
        flags: () => Promise.resolve({ version: 0, document }),
        ledger: {
          announcements: () =>
            Promise.resolve([
              { instance: 'a', canary: { digest: 'd', options: ['retry'] }, at: 1 },
            ]),
        },
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
    scopes = new Set<Scope>(['flags:read', 'flags:write']);
    await redis.flushall();
  });

  const ask = async (path: string, body?: unknown, headers = {}): Promise<Answer> => {
    const response = await fetch(`${origin}/v1/canary${path}`, {
      headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const type = response.headers.get('content-type');
    return {
      ...{ status: response.status, type, text },
      json: type?.includes('json') === true ? (JSON.parse(text) as Answer['json']) : {},
    };
  };

  it('shows nothing where there has been nothing', async () => {
    expect((await ask('')).json).toEqual({ run: null, runs: [] });
    expect((await ask('/ticks')).json).toEqual({ ticks: [] });
    expect(await ask('/report')).toMatchObject({ status: 404, json: { kind: 'job-unknown' } });
  });

  it('begins a run in the name of the team, and shows it without what only the verdict understands', async () => {
    const begun = await ask('/start', { reason: 'a new retry policy' });
    expect(begun).toMatchObject({ status: 202, json: { status: 'running', share: 1 } });
    const { run, runs } = (await ask('')).json;
    expect(run).toMatchObject({
      startedBy: 'desk/Xabc1234',
      reason: 'a new retry policy',
      watched: false,
    });
    expect(run).not.toHaveProperty('verdict');
    expect(runs).toEqual([run?.['id']]);
    expect((await ask('/ticks?limit=5')).json['ticks']).toMatchObject([
      { kind: 'order', order: 'start', by: 'desk/Xabc1234' },
    ]);
  });

  it('takes a plan, and names what is wrong with one', async () => {
    const plan = { ...defaultPlan('single-arm'), armedMinutes: 0 };
    const refused = await ask('/start', { reason: 'x', plan });
    expect([refused.status, refused.json.errors?.[0]?.field]).toEqual([400, 'plan.armedMinutes']);
    const mixed = await ask('/start', {
      ...{ reason: 'x', mode: 'two-arm' },
      plan: defaultPlan('single-arm'),
    });
    expect([mixed.status, mixed.json.errors?.[0]?.field]).toEqual([400, 'mode']);
    const taken = await ask('/start', { reason: 'x', plan: { ...plan, armedMinutes: 5 } });
    expect(taken.status).toBe(202);
  });

  it('wants a reason for each order, and refuses an order that makes no sense in words', async () => {
    for (const order of ['start', 'pause', 'resume', 'promote', 'rollback', 'clear']) {
      const { status, json } = await ask(`/${order}`, { reason: ' ' });
      expect([order, status, json.errors?.[0]?.field]).toEqual([order, 400, 'reason']);
    }
    expect(await ask('/rollback', { reason: 'late' })).toMatchObject({
      status: 409,
      json: { kind: 'change-refused', detail: expect.stringContaining('no run') as unknown },
    });
  });

  it('gives the report as JSON, and as Markdown to who asks for it', async () => {
    await ask('/start', { reason: 'a | b' });
    const { json } = await ask('/report');
    expect(json).toMatchObject({ status: 'running', startedBy: 'desk/Xabc1234' });
    const page = await ask('/report', undefined, { accept: 'text/markdown' });
    expect(page.type).toBe('text/markdown; charset=utf-8');
    expect(page.text).toContain('# Canary');
    expect(page.text).toContain('a \\| b');
    expect((await ask('/report?run=none')).status).toBe(404);
    expect((await ask(`/report?run=${String(json['id'])}:ticks`)).status).toBe(404);
    expect((await ask('/report?of=none')).json.errors?.[0]?.field).toBe('of');
  });

  it('lets nobody look without flags:read, or order without flags:write', async () => {
    scopes = new Set<Scope>(['flags:read']);
    expect((await ask('')).status).toBe(200);
    expect((await ask('/start', { reason: 'x' })).status).toBe(403);
    scopes = new Set<Scope>(['read']);
    for (const path of ['', '/ticks', '/report']) expect((await ask(path)).status).toBe(403);
  });

  it('is store-unavailable while Redis is away', async () => {
    await server.kill();
    expect(await ask('')).toMatchObject({ status: 503, json: { kind: 'store-unavailable' } });
    expect((await ask('/start', { reason: 'x' })).status).toBe(503);
    await server.start();
    await redisReady(redis, 2_000);
  });
});
