import { connect, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Failure } from '@glasshouse/coinglass-client';
import { openTeam, type Scope } from '@glasshouse/teams';
import type { Logger } from '@glasshouse/service-kit';
import Fastify, { type FastifyInstance } from 'fastify';
import { z } from 'zod';
import { RequestObserver } from '../observe/request-observer.ts';
import { bodyBytesMax } from './json-body.ts';
import { registerJsonRoute } from './json-route.ts';
import { ProblemFilter } from './problem.filter.ts';
import { RouteTable } from './route-table.ts';
import { createGatewayServer } from './server.ts';

const quiet = () => undefined;
const logger = { info: quiet, warn: quiet, error: quiet } as unknown as Logger;
const order = z.strictObject({
  coin: z.string(),
  unit: z.enum(['usd', 'coin']).default('usd'),
  at: z.strictObject({ exchange: z.string() }).optional(),
});

describe('a JSON route', () => {
  let fastify: FastifyInstance;
  let port: number;
  const taken: unknown[] = [];
  const entered: Scope[] = [];

  beforeAll(async () => {
    const routes = new RouteTable();
    const filter = new ProblemFilter(logger, routes);
    fastify = Fastify({
      serverFactory: (framework) => createGatewayServer(framework, () => false, routes),
    });
    fastify.setNotFoundHandler((request, reply) => {
      reply.hijack();
      filter.write({ statusCode: 404 }, request, reply.raw);
    });
    routes.follow(fastify);
    const door = {
      observer: new RequestObserver(logger, { add: () => undefined }),
      access: {
        enter: async (headers: NodeJS.Dict<string | string[]>, scope: Scope) => {
          entered.push(scope);
          if (headers['authorization'] === 'none') throw new Failure('unauthenticated', 'no key');
          return { team: openTeam, scopes: new Set([scope]) };
        },
      },
    };
    registerJsonRoute(fastify, door, {
      method: 'POST',
      path: '/v1/orders/:id',
      operation: 'orders',
      scope: 'jobs:write',
      query: ['dry'],
      body: order,
      answer: async ({ body, params, query, caller }) => {
        taken.push(body);
        const read = { ...params, dry: query.get('dry'), team: caller.team.id };
        return { status: 201, body: { ...body, ...read }, headers: { location: '/v1/x' } };
      },
    });
    registerJsonRoute(fastify, door, {
      method: 'GET',
      path: '/v1/orders',
      operation: 'orders',
      scope: 'read',
      answer: async () => ({ status: 200, body: { orders: [] } }),
    });
    await fastify.listen({ port: 0, host: '127.0.0.1' });
    port = (fastify.server.address() as AddressInfo).port;
  });
  afterAll(() => fastify.close());
  beforeEach(() => {
    taken.length = 0;
    entered.length = 0;
  });

  const post = async (
    body: RequestInit['body'] | undefined,
    headers: Record<string, string> = { 'content-type': 'application/json' },
    path = '/v1/orders/7',
  ) => {
    const init = { method: 'POST', headers, duplex: 'half', ...(body !== undefined && { body }) };
    const response = await fetch(`http://127.0.0.1:${port}${path}`, init as RequestInit);
    const json: any = await response.json(); // eslint-disable-line @typescript-eslint/no-explicit-any -- whatever came
    return { status: response.status, headers: response.headers, json };
  };
  const raw = (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(text));
      let answer = '';
      socket.on('data', (chunk) => (answer += chunk.toString()));
      socket.on('close', () => resolve(answer)).on('error', reject);
    });

  it('hands on what its schema made of the body, and answers what nobody may keep', async () => {
    const { status, headers, json } = await post('{"coin":"SOL"}', undefined, '/v1/orders/7?dry=1');
    expect(status).toBe(201);
    expect(json).toEqual({ coin: 'SOL', unit: 'usd', id: '7', dry: '1', team: 'open' });
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('location')).toBe('/v1/x');
    expect(headers.get('x-trace-id')).toMatch(/^[0-9a-f]{32}$/);
    expect(entered).toEqual(['jobs:write']);
  });

  it.each([
    ['no JSON', '{"coin":', 'body'],
    ['an empty body', '', 'body'],
    ['no object', '[1]', 'body'],
    ['a missing member', '{}', 'coin'],
    ['a wrong type', '{"coin":1}', 'coin'],
    ['an unknown member', '{"coin":"SOL","units":"usd"}', 'units'],
    ['a value that is none', '{"coin":"SOL","unit":"eur"}', 'unit'],
    ['a nested unknown member', '{"coin":"SOL","at":{"exchange":"OKX","x":1}}', 'at.x'],
    ['a member twice', '{"coin":"SOL","coin":"BTC"}', 'coin'],
    ['a member twice, once in escapes', '{"coin":"SOL","\\u0063oin":"BTC"}', 'coin'],
    ['__proto__', '{"coin":"SOL","__proto__":{"polluted":1}}', '__proto__'],
    ['__proto__ in escapes', '{"coin":"SOL","\\u005f_proto__":{"polluted":1}}', '__proto__'],
    ['a constructor', '{"coin":"SOL","constructor":{"prototype":{"polluted":1}}}', 'constructor'],
    ['nesting 100,000 deep', '['.repeat(30_000), 'body'],
    ['bytes that are no UTF-8', new Uint8Array([0x22, 0xff, 0x22]), 'body'],
  ])('refuses %s by field, and does nothing', async (_what, body, field) => {
    const { status, headers, json } = await post(body as RequestInit['body']);
    expect({ status, kind: json.kind }).toEqual({ status: 400, kind: 'invalid-request' });
    expect(json.errors.map((error: { field: string }) => error.field)).toEqual([field]);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(taken).toEqual([]);
  });

  it('suggests what may have been meant', async () => {
    const { json } = await post('{"coin":"SOL","units":"usd"}');
    expect(json.errors[0]).toMatchObject({
      suggestions: ['unit'],
      allowed: ['coin', 'unit', 'at'],
    });
    const query = await post('{"coin":"SOL"}', undefined, '/v1/orders/7?dri=1');
    expect(query).toMatchObject({ status: 400, json: { errors: [{ suggestions: ['dry'] }] } });
  });

  it.each([
    ['no type', {}],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['what is no type at all', { 'content-type': ';;;' }],
    ['another character set', { 'content-type': 'application/json; charset=utf-16' }],
    ['a compressed body', { 'content-type': 'application/json', 'content-encoding': 'gzip' }],
  ])('does not read %s: 415', async (_what, headers) => {
    const bytes = new TextEncoder().encode('{"coin":"SOL"}');
    const { status, json } = await post(bytes, headers);
    expect({ status, kind: json.kind }).toEqual({ status: 415, kind: 'invalid-request' });
    expect(taken).toEqual([]);
  });

  it('takes 64 KiB and no byte more, whether the length is told before or not: 413', async () => {
    const bodyOf = (bytes: number) => `{"coin":"${'x'.repeat(bytes - 11)}"}`;
    expect((await post(bodyOf(bodyBytesMax))).status).toBe(201);
    const told = await post(bodyOf(bodyBytesMax + 1));
    expect({ status: told.status, field: told.json.errors[0].field }).toEqual({
      status: 413,
      field: 'body',
    });
    const untold = await post(new Blob([bodyOf(2_000_000)]).stream());
    expect(untold.status).toBe(413);
    expect(taken).toHaveLength(1);
  });

  it('looks at the key before a byte of the body', async () => {
    const answer = await raw(
      'POST /v1/orders/7 HTTP/1.1\r\nhost: x\r\nauthorization: none\r\ncontent-type: application/json\r\ncontent-length: 99999999\r\n\r\n{',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(answer).toContain('connection: close');
  });

  it('keeps the connection when there was no body to leave', async () => {
    const { headers } = await post(undefined, { authorization: 'none' });
    expect(headers.get('connection')).not.toBe('close');
  });

  it.each([
    ['PUT', '/v1/orders/7', 405, 'POST'],
    ['GET', '/v1/orders/7', 405, 'POST'],
    ['POST', '/v1/orders', 405, 'GET, HEAD'],
    ['OPTIONS', '/v1/orders', 405, 'GET, HEAD'],
    ['TRACE', '/v1/orders', 405, 'GET, HEAD'],
    ['PUT', '/v1/nothing', 404, null],
    ['TRACE', '/v1/nothing', 404, null],
  ])('%s %s is %i, and allow says what is served', async (method, path, status, allow) => {
    const answer = await raw(`${method} ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    expect(answer.split(' ')[1]).toBe(String(status));
    expect(answer).toContain('application/problem+json');
    expect(/^allow: (.*)\r$/m.exec(answer)?.[1] ?? null).toBe(allow);
  });

  it('answers HEAD with the headers of GET', async () => {
    const response = await fetch(`http://127.0.0.1:${port}/v1/orders`, { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe('13');
  });
});
