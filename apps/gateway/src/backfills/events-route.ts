import { setTimeout as delay } from 'node:timers/promises';
import type { ServerResponse } from 'node:http';
import { Failure } from '@glasshouse/coinglass-client';
import { isOver } from '@glasshouse/fetch-queue';
import type { FastifyInstance } from 'fastify';
import type { Caller } from '../access/access.ts';
import { registerGuardedRoute, type RouteDoor } from '../http/guarded-route.ts';
import type { BackfillDesk } from './backfill-desk.ts';

export interface EventsTerms {
  readonly lookEveryMs?: number;
  readonly heartbeatMs?: number;
  /** Streams of this process at once. */
  readonly streamsMax?: number;
}

/** A reader that has left so much unread is gone or too slow. */
const unreadBytesMax = 64 * 1_024;

/**
 * Progress as server-sent events: `progress` whenever the backfill has moved, `end` with its last state, after which the stream ends. Each
 * event is the whole state, so whoever reconnects has missed nothing; any gateway may serve it.
 */
export const registerEventsRoute = (
  fastify: FastifyInstance,
  door: RouteDoor,
  desk: BackfillDesk,
  { lookEveryMs = 1_000, heartbeatMs = 15_000, streamsMax = 64 }: EventsTerms = {},
): void => {
  const streams = new Set<AbortController>();
  fastify.addHook('preClose', (done) => {
    for (const stream of streams) stream.abort();
    done();
  });

  const follow = async (
    response: ServerResponse,
    id: string,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<void> => {
    let told = '';
    let toldAt = performance.now();
    const write = (text: string): void => {
      toldAt = performance.now();
      response.write(text);
    };
    while (!signal.aborted && response.writableLength < unreadBytesMax) {
      const view = await desk.find(id, caller).then((backfill) => desk.view(backfill));
      const { etaAt: _, ...moved } = view;
      const over = isOver(view.state);
      const state = JSON.stringify(moved);
      if (over || state !== told) write(event(over ? 'end' : 'progress', view));
      else if (performance.now() - toldAt >= heartbeatMs) write(': still there\n\n');
      if (over) return;
      told = state;
      await delay(lookEveryMs, undefined, { signal }).catch(() => undefined);
    }
  };

  registerGuardedRoute(fastify, door, {
    method: 'GET',
    path: '/v1/backfills/:id/events',
    operation: 'backfills',
    scope: 'jobs:bulk',
    handle: async ({ request, response, caller, params, traceId }) => {
      const { id = '' } = params;
      await desk.find(id, caller);
      if (streams.size >= streamsMax) throw tooMany(streamsMax);
      const stream = new AbortController();
      streams.add(stream);
      response.on('close', () => stream.abort());
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-trace-id': traceId,
      });
      try {
        if (request.method !== 'HEAD') await follow(response, id, caller, stream.signal);
      } catch {
        // The stream ends, and its reader comes back: the next one says what is wrong, as a problem.
      } finally {
        streams.delete(stream);
        response.end();
      }
      return { status: 200 };
    },
  });
};

const event = (name: string, data: unknown): string =>
  `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

const tooMany = (streamsMax: number): Failure =>
  new Failure(
    'queue-full',
    `This gateway serves at most ${streamsMax} streams at once; look at the backfill itself instead`,
    { retryAfterMs: 10_000 },
  );
