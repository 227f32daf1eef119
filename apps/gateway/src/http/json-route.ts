import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { invalidRequest, nearest, shownName } from '@glasshouse/coinglass-client';
import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { registerGuardedRoute, type GuardedRequest, type GuardedRoute } from './guarded-route.ts';
import type { RouteDoor } from './guarded-route.ts';
import { readJsonBody } from './json-body.ts';
import { parseQuery } from './query.ts';

export interface JsonRequest<Body> extends Pick<GuardedRequest, 'caller' | 'params' | 'traceId'> {
  readonly headers: IncomingHttpHeaders;
  readonly query: ReadonlyMap<string, string>;
  /** What the route's schema made of it; undefined for a route without one. */
  readonly body: Body;
}

export interface JsonReply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface JsonRoute<Schema extends z.ZodType> extends Omit<GuardedRoute, 'handle'> {
  /** Query parameters it knows; others are refused. */
  readonly query?: readonly string[];
  /** Strict. Absent: the route takes no body, and one that comes is not read. */
  readonly body?: Schema;
  /** What it throws becomes a problem. */
  readonly answer: (request: JsonRequest<z.output<Schema>>) => Promise<JsonReply>;
}

/**
 * A route that takes and gives JSON: the key first, then the query, then the body (`application/json`, at most 64 KiB, within 15 s), each
 * read strictly. Answers are `no-store` and carry `x-trace-id`.
 */
export const registerJsonRoute = <Schema extends z.ZodType>(
  fastify: FastifyInstance,
  door: RouteDoor,
  { query: names = [], body: schema, answer, ...route }: JsonRoute<Schema>,
): void =>
  registerGuardedRoute(fastify, door, {
    ...route,
    handle: async ({ request, response, caller, params, traceId }) => {
      const query = readKnownQuery(request.url ?? '', names);
      const body = (
        schema === undefined ? undefined : await readJsonBody(request, schema)
      ) as z.output<Schema>;
      const { headers } = request;
      const reply = await answer({ caller, params, traceId, headers, query, body });
      writeJson(request, response, traceId, reply);
      return { status: reply.status };
    },
  });

const readKnownQuery = (url: string, names: readonly string[]): ReadonlyMap<string, string> => {
  const query = parseQuery(url);
  const unknown = [...query.keys()].filter((name) => !names.includes(name));
  if (unknown.length === 0) return query;
  throw invalidRequest(
    unknown.map((name) => ({
      field: shownName(name),
      message: 'is not a parameter of this route',
      allowed: names,
      suggestions: nearest(name, names),
    })),
  );
};

/** Writes an answer of our own surface; nobody may keep it, since it is one team's and of the moment. */
const writeJson = (
  request: IncomingMessage,
  response: ServerResponse,
  traceId: string,
  { status, body, headers = {} }: JsonReply,
): void => {
  if (response.headersSent || response.destroyed) return;
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-trace-id': traceId,
    ...headers,
  });
  response.end(request.method === 'HEAD' ? undefined : text);
};
