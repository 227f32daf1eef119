import { invalidRequest } from '@glasshouse/coinglass-client';
import type { BackfillStore } from '@glasshouse/fetch-queue';
import type { FastifyInstance } from 'fastify';
import type { RouteDoor } from '../http/guarded-route.ts';
import { registerJsonRoute } from '../http/json-route.ts';
import type { StreamPlaces } from '../jobs/stream-places.ts';
import { readIdempotencyKey } from '../jobs/idempotency-key.ts';
import { backfillBody } from './backfill-ask.ts';
import type { BackfillDesk } from './backfill-desk.ts';
import { registerEventsRoute } from './events-route.ts';
import { registerRowsRoute } from './rows-route.ts';

export interface BackfillRoutesParts {
  readonly door: RouteDoor;
  readonly desk: BackfillDesk;
  readonly store: BackfillStore;
  readonly places: StreamPlaces;
}

const path = '/v1/backfills';
const route = { operation: 'backfills', scope: 'jobs:bulk' } as const;
const listedMax = 50;

/** Everything about backfills over HTTP. What is another team's is not there. */
export const registerBackfillRoutes = (
  fastify: FastifyInstance,
  { door, desk, store, places }: BackfillRoutesParts,
): void => {
  registerJsonRoute(fastify, door, {
    ...route,
    method: 'POST',
    path,
    query: ['dryRun'],
    body: backfillBody,
    answer: async ({ body, query, caller: { team }, headers }) => {
      if (body.quoteOnly || isTrue('dryRun', query.get('dryRun'))) {
        return { status: 200, body: { quote: (await desk.quote(body, team)).quote } };
      }
      const key = readIdempotencyKey(headers['idempotency-key']);
      const { known, quote, view } = await desk.order(body, team, key);
      return {
        status: known ? 200 : 202,
        body: { ...view, quote },
        headers: { location: view.links.self, ...(known && { 'idempotent-replayed': 'true' }) },
      };
    },
  });
  registerJsonRoute(fastify, door, {
    ...route,
    method: 'GET',
    path,
    answer: async ({ caller }) => ({
      status: 200,
      body: { backfills: await desk.list(caller, listedMax) },
    }),
  });
  registerJsonRoute(fastify, door, {
    ...route,
    method: 'GET',
    path: `${path}/:id`,
    answer: async ({ params, caller }) => {
      const backfill = await desk.find(params['id'] ?? '', caller);
      return { status: 200, body: await desk.view(backfill) };
    },
  });
  registerJsonRoute(fastify, door, {
    ...route,
    method: 'GET',
    path: `${path}/:id/gaps`,
    answer: async ({ params, caller }) => {
      const backfill = await desk.find(params['id'] ?? '', caller);
      return { status: 200, body: await desk.gaps(backfill) };
    },
  });
  registerJsonRoute(fastify, door, {
    ...route,
    method: 'DELETE',
    path: `${path}/:id`,
    answer: async ({ params, caller }) => {
      const backfill = await desk.find(params['id'] ?? '', caller);
      return { status: 200, body: await desk.cancel(backfill) };
    },
  });
  registerJsonRoute(fastify, door, {
    ...route,
    method: 'POST',
    path: `${path}/:id/resume`,
    answer: async ({ params, caller }) => {
      const backfill = await desk.find(params['id'] ?? '', caller);
      return { status: 202, body: await desk.resume(backfill) };
    },
  });
  registerEventsRoute(fastify, { door, desk, places });
  registerRowsRoute(fastify, door, { desk, store });
};

const isTrue = (field: string, text: string | undefined): boolean => {
  if (text === undefined || text === 'false') return false;
  if (text === 'true') return true;
  throw invalidRequest([{ field, message: 'must be true or false', allowed: ['true', 'false'] }]);
};
