import { invalidRequest } from '@glasshouse/coinglass-client';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Caller } from '../access/access.ts';
import { callerName } from '../access/caller-name.ts';
import type { RouteDoor } from '../http/guarded-route.ts';
import { registerJsonRoute } from '../http/json-route.ts';
import type { FlagDesk, FlagOrder } from './flag-desk.ts';

export interface FlagRoutesParts extends RouteDoor {
  readonly desk: FlagDesk;
}

const path = '/v1/flags';
const reading = { method: 'GET', operation: 'flags', scope: 'flags:read' } as const;
const writing = { operation: 'flags', scope: 'flags:write' } as const;

const reason = z
  .string()
  .trim()
  .min(1, 'says why, for whoever reads the history')
  .max(500, 'has at most 500 characters');

/** The body of a change: one of variant, value and shares. */
export const changeBody = z.strictObject({
  reason,
  variant: z.string().min(1).max(100).optional(),
  value: z.json().optional(),
  shares: z.record(z.string().max(100), z.int().min(0).max(100)).optional(),
});
export const revertBody = z.strictObject({ reason, version: z.int().positive() });

export const limitDefault = 20;
export const limitMax = 500;

/** The flags over HTTP: look, change one, see who changed what, go back. Whoever changes stands in the history as team and key. */
export const registerFlagRoutes = (
  fastify: FastifyInstance,
  { desk, ...door }: FlagRoutesParts,
): void => {
  registerJsonRoute(fastify, door, {
    ...reading,
    path,
    answer: async () => withVersion(await desk.all()),
  });
  registerJsonRoute(fastify, door, {
    ...reading,
    path: `${path}/history`,
    query: ['limit'],
    answer: async ({ query }) => ({
      status: 200,
      body: { versions: await desk.history(limitOf(query.get('limit'))) },
    }),
  });
  registerJsonRoute(fastify, door, {
    ...reading,
    path: `${path}/audit`,
    query: ['limit'],
    answer: async ({ query }) => ({
      status: 200,
      body: { changes: await desk.audit(limitOf(query.get('limit'))) },
    }),
  });
  registerJsonRoute(fastify, door, {
    ...writing,
    method: 'POST',
    path: `${path}/revert`,
    body: revertBody,
    answer: async ({ body, caller, headers }) =>
      withVersion(await desk.revert(body.version, byWhom(caller, body, headers['if-match']))),
  });
  // The key of an endpoint's switch has slashes; plain or percent-encoded, they are the same.
  registerJsonRoute(fastify, door, {
    ...reading,
    path: `${path}/*`,
    query: ['as'],
    answer: async ({ params, query }) =>
      withVersion(await desk.one(params['*'] ?? '', query.get('as'))),
  });
  registerJsonRoute(fastify, door, {
    ...writing,
    method: 'PUT',
    path: `${path}/*`,
    body: changeBody,
    answer: async ({ params, body, caller, headers }) => {
      const by = byWhom(caller, body, headers['if-match']);
      return withVersion(await desk.set(params['*'] ?? '', orderOf(body), by));
    },
  });
};

const withVersion = <Body extends { readonly version: number }>(body: Body) => ({
  status: 200,
  body,
  headers: { etag: `"${body.version}"` },
});

const byWhom = (
  caller: Caller,
  { reason: why }: { readonly reason: string },
  ifMatch: string | undefined,
) => ({
  actor: callerName(caller),
  reason: why,
  version: versionOf(ifMatch),
});

/** Undefined: whichever version is there. */
const versionOf = (ifMatch: string | undefined): number | undefined => {
  if (ifMatch === undefined || ifMatch === '*') return undefined;
  const [, digits] = /^"(\d{1,15})"$/.exec(ifMatch) ?? [];
  if (digits !== undefined) return Number(digits);
  throw invalidRequest([{ field: 'if-match', message: 'must be an ETag of the flags, e.g. "7"' }]);
};

const orderOf = ({ variant, value, shares }: z.output<typeof changeBody>): FlagOrder => {
  const orders = [
    ...(variant === undefined ? [] : [{ variant }]),
    ...(value === undefined ? [] : [{ value }]),
    ...(shares === undefined ? [] : [{ shares }]),
  ];
  const [order] = orders;
  if (order !== undefined && orders.length === 1) return order;
  throw invalidRequest([{ field: 'body', message: 'must have one of variant, value and shares' }]);
};

const limitOf = (text = String(limitDefault)): number => {
  if (/^[1-9]\d{0,3}$/.test(text) && Number(text) <= limitMax) return Number(text);
  throw invalidRequest([
    { field: 'limit', message: `must be a whole number from 1 to ${limitMax}` },
  ]);
};
