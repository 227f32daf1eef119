import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Scope } from '@glasshouse/teams';
import type { FastifyInstance } from 'fastify';
import type { Access, Caller } from '../access/access.ts';
import type { Observed, RequestObserver } from '../observe/request-observer.ts';
import { leaveBody } from './leave-body.ts';
import { pathOf } from './path.ts';
import { writeProblem } from './problem.ts';
import { RefusedBody } from './refused-body.ts';

export interface RouteDoor {
  readonly access: Access;
  readonly observer: RequestObserver;
}

export interface GuardedRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly caller: Caller;
  /** From the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly traceId: string;
}

export interface GuardedRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** As Fastify writes it: `/v1/jobs/:id`, `/v1/flags/*`. */
  readonly path: string;
  /** What the route is called in spans and metrics. */
  readonly operation: string;
  readonly scope: Scope;
  /** Answers; what it throws becomes a problem, unless the answer has begun. */
  readonly handle: (guarded: GuardedRequest) => Promise<Observed>;
}

/**
 * A route of our own `/v1` surface: in its span, behind the key, with failures as problems. It is taken before Fastify looks at a body:
 * who may not ask is told so before anything is read.
 */
export const registerGuardedRoute = (
  fastify: FastifyInstance,
  door: RouteDoor,
  route: GuardedRoute,
): void => {
  fastify.route({
    method: route.method,
    url: route.path,
    onRequest: (request, reply, done) => {
      reply.hijack();
      const params = request.params as Record<string, string>;
      void serve(request.raw, reply.raw, params, door, route);
      done();
    },
    // Fastify wants one; a hijacked request never gets here.
    handler: () => undefined,
  });
};

const serve = (
  request: IncomingMessage,
  response: ServerResponse,
  params: Readonly<Record<string, string>>,
  { access, observer }: RouteDoor,
  { path, operation, scope, handle }: GuardedRoute,
): Promise<void> =>
  observer.observe(request, { route: path, operation }, async (traceId) => {
    let caller: Caller | undefined;
    try {
      caller = await access.enter(request.headers, scope, request.socket.remoteAddress);
      return { ...(await handle({ request, response, caller, params, traceId })), caller };
    } catch (thrown) {
      const refused = thrown instanceof RefusedBody ? thrown : undefined;
      const failure = refused?.failure ?? observer.asFailure(thrown);
      const unread = await leaveBody(request);
      writeProblem(
        response,
        failure,
        { instance: pathOf(request), traceId, ...(refused && { status: refused.status }) },
        // The rest of a body that nobody wants is not worth a connection.
        unread ? { connection: 'close' } : {},
      );
      return { status: response.statusCode, failure, caller };
    }
  });
