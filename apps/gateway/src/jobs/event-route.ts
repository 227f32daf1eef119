import type { FastifyInstance } from 'fastify';
import { EventStream } from '../http/event-stream.ts';
import { registerGuardedRoute, type RouteDoor } from '../http/guarded-route.ts';
import type { JobDesk } from './job-desk.ts';
import { eventIdOf, type JobEvents } from './job-events.ts';
import { isOver } from './job-view.ts';
import type { StreamPlaces } from './stream-places.ts';
import { viewerOf } from './viewer.ts';

export interface EventRouteParts extends RouteDoor {
  readonly desk: Pick<JobDesk, 'look'>;
  readonly events: JobEvents;
  readonly places: StreamPlaces;
}

/** `GET /v1/jobs/:id/events`: a job's way as server-sent events, until it is over. */
export const registerEventRoute = (fastify: FastifyInstance, parts: EventRouteParts): void => {
  const { desk, events, places } = parts;
  registerGuardedRoute(fastify, parts, {
    method: 'GET',
    path: '/v1/jobs/:id/events',
    operation: 'jobs',
    scope: 'read',
    handle: async ({ request, response, caller, params, traceId }) => {
      const look = () => desk.look(params['id'] ?? '', viewerOf(caller));
      const job = await look();
      const known = request.headers['last-event-id'];
      const lastEventId = known === undefined ? undefined : String(known);
      if (isOver(job) && lastEventId === eventIdOf(job)) {
        // Nothing more will come: 204 is what keeps an EventSource from connecting again.
        response.writeHead(204, { 'cache-control': 'no-store', 'x-trace-id': traceId });
        response.end();
        return { status: 204 };
      }
      const giveBack = places.take(caller.team.id);
      const stream = new EventStream(response, traceId);
      stream.signal.addEventListener('abort', giveBack, { once: true });
      if (request.method === 'HEAD') stream.close();
      // Not awaited: the request has been answered, and its span must not last as long as the job.
      else void events.follow(stream, job, look, lastEventId);
      return { status: 200 };
    },
  });
};
