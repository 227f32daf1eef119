import type { FastifyInstance } from 'fastify';
import type { RouteDoor } from '../http/guarded-route.ts';
import { registerJsonRoute } from '../http/json-route.ts';
import { readIdempotencyKey } from './idempotency-key.ts';
import type { JobDesk } from './job-desk.ts';
import { isOver } from './job-view.ts';
import { cursorOf, listParameters, readListQuery } from './list-query.ts';
import { checkJobOrder, orderBody, type OrderDeciding } from './order.ts';
import { viewerOf } from './viewer.ts';

export interface JobRouteParts extends RouteDoor {
  readonly desk: JobDesk;
  readonly upstream: OrderDeciding['upstream'];
  readonly instruments: OrderDeciding['instruments'];
  readonly forbidden: OrderDeciding['forbidden'];
  readonly now?: () => number;
}

/** How long a submission waits for an instrument table that is not at hand. */
const tableWithinMs = 2_000;

/** Jobs over HTTP: what the shared queue offers to whoever speaks BullMQ, for whoever does not. */
export const registerJobRoutes = (fastify: FastifyInstance, parts: JobRouteParts): void => {
  const { desk, upstream, instruments, forbidden, now = Date.now } = parts;
  registerJsonRoute(fastify, parts, {
    method: 'POST',
    path: '/v1/jobs',
    operation: 'jobs',
    scope: 'jobs:write',
    body: orderBody,
    answer: async ({ body, headers, caller }) => {
      const idempotencyKey = readIdempotencyKey(headers['idempotency-key']);
      const at = now();
      const deadlineAt = at + tableWithinMs;
      await checkJobOrder(body, { upstream, instruments, forbidden, now: at, deadlineAt });
      const { job, repeated } = await desk.submit(body, { team: caller.team.id, idempotencyKey });
      return {
        status: isOver(job) ? 200 : 202,
        body: { id: job.id, state: job.state, links: job.links },
        headers: {
          location: job.links['self'] ?? '',
          ...(repeated && { 'idempotency-replayed': 'true' }),
        },
      };
    },
  });
  registerJsonRoute(fastify, parts, {
    method: 'GET',
    path: '/v1/jobs',
    operation: 'jobs',
    scope: 'read',
    query: listParameters,
    answer: async ({ query, caller }) => {
      const { jobs, next } = await desk.list(readListQuery(query, viewerOf(caller)));
      return { status: 200, body: { jobs, ...(next && { next: cursorOf(next) }) } };
    },
  });
  registerJsonRoute(fastify, parts, {
    method: 'GET',
    path: '/v1/jobs/:id',
    operation: 'jobs',
    scope: 'read',
    answer: async ({ params, caller }) => ({
      status: 200,
      body: await desk.look(params['id'] ?? '', viewerOf(caller)),
    }),
  });
  registerJsonRoute(fastify, parts, {
    method: 'DELETE',
    path: '/v1/jobs/:id',
    operation: 'jobs',
    scope: 'jobs:write',
    answer: async ({ params, caller }) => {
      const job = await desk.cancel(params['id'] ?? '', viewerOf(caller));
      return { status: isOver(job) ? 200 : 202, body: job };
    },
  });
};
