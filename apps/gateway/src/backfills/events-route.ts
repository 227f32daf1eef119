import { setTimeout as delay } from 'node:timers/promises';
import { isOver, type Backfill } from '@glasshouse/fetch-queue';
import type { FastifyInstance } from 'fastify';
import { EventStream } from '../http/event-stream.ts';
import { registerGuardedRoute, type RouteDoor } from '../http/guarded-route.ts';
import type { StreamPlaces } from '../jobs/stream-places.ts';
import type { BackfillDesk } from './backfill-desk.ts';
import type { BackfillView } from './backfill-view.ts';

export interface EventsRouteParts {
  readonly door: RouteDoor;
  readonly desk: Pick<BackfillDesk, 'find' | 'view'>;
  readonly places: StreamPlaces;
  readonly lookEveryMs?: number;
}

/**
 * Progress as server-sent events: `progress` whenever the backfill has moved, `end` with its last state, after which the stream ends. Each
 * event is the whole state, so whoever reconnects has missed nothing; any gateway may serve it.
 */
export const registerEventsRoute = (
  fastify: FastifyInstance,
  { door, desk, places, lookEveryMs = 1_000 }: EventsRouteParts,
): void => {
  const open = new Set<EventStream>();
  fastify.addHook('preClose', (done) => {
    for (const stream of open) stream.close();
    done();
  });

  registerGuardedRoute(fastify, door, {
    method: 'GET',
    path: '/v1/backfills/:id/events',
    operation: 'backfills',
    scope: 'jobs:bulk',
    handle: async ({ request, response, caller, params, traceId }) => {
      const look = () => desk.find(params['id'] ?? '', caller);
      const backfill = await look();
      const known = request.headers['last-event-id'];
      if (isOver(backfill.state) && known === momentOf(backfill)) {
        // Nothing more will come: 204 is what keeps an EventSource from connecting again.
        response.writeHead(204, { 'cache-control': 'no-store', 'x-trace-id': traceId });
        response.end();
        return { status: 204 };
      }
      const giveBack = places.take(caller.team.id);
      const stream = new EventStream(response, traceId);
      open.add(stream);
      stream.signal.addEventListener('abort', () => {
        open.delete(stream);
        giveBack();
      });
      if (request.method === 'HEAD') stream.close();
      // Not awaited: the request has been answered, and its span must not last as long as the backfill.
      else void follow(stream, { look, view: (each) => desk.view(each), lookEveryMs });
      return { status: 200 };
    },
  });
};

interface Following {
  readonly look: () => Promise<Backfill>;
  readonly view: (backfill: Backfill) => Promise<BackfillView>;
  readonly lookEveryMs: number;
}

const follow = async (
  stream: EventStream,
  { look, view, lookEveryMs }: Following,
): Promise<void> => {
  let told = '';
  try {
    while (!stream.signal.aborted) {
      const backfill = await look();
      const id = momentOf(backfill);
      const over = isOver(backfill.state);
      if (over || id !== told) {
        stream.send({ event: over ? 'end' : 'progress', id, data: await view(backfill) });
      }
      if (over) break;
      told = id;
      await delay(lookEveryMs, undefined, { signal: stream.signal }).catch(() => undefined);
    }
  } catch {
    // Its reader connects again, and is then told as a problem what is wrong.
  }
  stream.close();
};

/** Names how far a backfill has come. */
const momentOf = ({ state, done, lost, permits, waiting, endedAt = 0 }: Backfill): string =>
  [state, done, lost, permits, waiting?.because ?? '', endedAt].join('.');
