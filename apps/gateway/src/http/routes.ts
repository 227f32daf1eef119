import type { IncomingMessage, ServerResponse } from 'node:http';
import { catalogue, Failure, type Endpoint } from '@glasshouse/coinglass-client';
import type { FastifyInstance } from 'fastify';
import { decideDropInAsk } from '../asks/drop-in-ask.ts';
import { decideHouseAsk } from '../asks/house-ask.ts';
import type { Ask } from '../asks/ask.ts';
import type { Deciding } from '../asks/deciding.ts';
import type { Access, Caller } from '../access/access.ts';
import type { Desk } from '../desk/desk.ts';
import type { RequestObserver } from '../observe/request-observer.ts';
import type { Memory } from '../representations/memory.ts';
import { negotiate } from './encoding.ts';
import { urlKeyOf } from './hit.ts';
import { pathOf } from './path.ts';
import { writeProblem } from './problem.ts';
import { parseQuery } from './query.ts';
import { sendVariant } from './send.ts';

const deadlineDefaultMs = 15_000;
const deadlineMaxMs = 60_000;

export interface RouteParts {
  readonly access: Access;
  readonly desk: Desk;
  readonly memory: Memory;
  readonly instruments: Deciding['instruments'];
  readonly upstream: Deciding['upstream'];
  readonly observer: RequestObserver;
  readonly now?: () => number;
}

interface Decided {
  readonly ask: Ask;
  readonly headers: readonly string[];
}

/** Both faces of every catalogued endpoint. A route is decided, answered by the desk, and sent as stored bytes or as a problem. */
export const registerRoutes = (fastify: FastifyInstance, parts: RouteParts): void => {
  for (const endpoint of Object.values(catalogue) as Endpoint[]) {
    fastify.get(endpoint.route, (request, reply) => {
      const { coin } = request.params as { coin?: string };
      reply.hijack();
      return serve(
        request.raw,
        reply.raw,
        endpoint,
        endpoint.route,
        parts,
        async (query, deciding) => ({
          ask: await decideHouseAsk(endpoint, coin, query, deciding),
          headers: [],
        }),
      );
    });
    const path = `/api/${endpoint.id}`;
    fastify.get(path, (request, reply) => {
      const allowFallback = request.headers['x-allow-fallback'] === 'true';
      reply.hijack();
      return serve(request.raw, reply.raw, endpoint, path, parts, async (query, deciding) => {
        const { ask, ignored } = await decideDropInAsk(endpoint, query, allowFallback, deciding);
        return {
          ask,
          headers: ignored.length > 0 ? ['x-ignored-params', headerList(ignored)] : [],
        };
      });
    });
  }
};

const serve = async (
  request: IncomingMessage,
  response: ServerResponse,
  endpoint: Endpoint,
  route: string,
  { access, desk, memory, instruments, upstream, observer, now = Date.now }: RouteParts,
  decide: (query: ReadonlyMap<string, string>, deciding: Deciding) => Promise<Decided>,
): Promise<void> =>
  observer.observe(request, { route, operation: endpoint.id }, async (traceId) => {
    let caller: Caller | undefined;
    try {
      caller = await access.enter(request.headers, 'read', request.socket.remoteAddress);
      const startedAt = now();
      const deadlineAt = startedAt + readDeadlineMs(request.headers['x-deadline-ms']);
      const query = parseQuery(request.url ?? '');
      const { ask, headers } = await decide(query, {
        upstream,
        instruments,
        now: startedAt,
        deadlineAt,
      });
      const { representation, representationKey, cache } = await desk.answer(ask, {
        deadlineAt,
        team: caller.team.id,
      });
      const encoding = negotiate(request.headers['accept-encoding']);
      const variant = await memory.encoded(representationKey, representation, encoding);
      // A URL with dropped parameters is not remembered: a hit could not name them.
      if (headers.length === 0) memory.link(urlKeyOf(request), representationKey);
      const ageMs = now() - representation.fetchedAt;
      sendVariant(request, response, representation, variant, cache, ageMs, [
        ...headers,
        'x-trace-id',
        traceId,
      ]);
      return { status: response.statusCode, cache, source: representation.meta.source, caller };
    } catch (thrown) {
      const failure = observer.asFailure(thrown);
      writeProblem(response, failure, { instance: pathOf(request), traceId });
      return { status: response.statusCode, failure, caller };
    }
  });

/** How long the caller wants to wait: it bounds the waiting only, never the work. */
const readDeadlineMs = (header: string | string[] | undefined): number => {
  if (header === undefined) return deadlineDefaultMs;
  const text = String(header);
  const deadlineMs = /^\d{1,6}$/.test(text) ? Number(text) : NaN;
  if (!(deadlineMs >= 1 && deadlineMs <= deadlineMaxMs)) {
    throw new Failure('invalid-request', 'The header x-deadline-ms is not valid', {
      errors: [
        {
          field: 'x-deadline-ms',
          message: `is a whole number of milliseconds from 1 to ${deadlineMaxMs}`,
        },
      ],
    });
  }
  return deadlineMs;
};

const headerList = (names: readonly string[]): string =>
  names
    .slice(0, 20)
    .map((name) => encodeURIComponent(name.slice(0, 64)))
    .join(', ');
