import { randomBytes } from 'node:crypto';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import { Failure } from '@glasshouse/coinglass-client';
import { methodNotServed } from './method-not-served.ts';
import { problemOf, writeProblem } from './problem.ts';
import { pathOf } from './path.ts';
import type { RouteTable } from './route-table.ts';

const urlCharactersMax = 4_096;
const headerBytesMax = 16 * 1_024;

export type EarlyHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

/**
 * The socket side: limits, and the order of handlers. A request that is too long, or whose method the path is not served for, ends here;
 * a hit ends in `early`; the rest goes to the framework.
 */
export const createGatewayServer = (
  framework: RequestListener,
  early: EarlyHandler,
  routes: Pick<RouteTable, 'methodsOf'>,
): Server => {
  const server = createServer(
    {
      maxHeaderSize: headerBytesMax,
      headersTimeout: 10_000,
      // A little longer than a route waits for a body: it tells who sends slowly, and this is for bodies that no route reads.
      requestTimeout: 20_000,
      // Node looks for late requests only each 30 s by itself.
      connectionsCheckingInterval: 1_000,
      keepAliveTimeout: 65_000,
    },
    (request, response) => {
      if ((request.url?.length ?? 0) > urlCharactersMax) {
        const failure = new Failure('invalid-request', refusals[414]);
        refuse(request, response, { failure, status: 414, headers: { connection: 'close' } });
      } else if (request.method === 'GET' || request.method === 'HEAD') {
        if (!early(request, response)) framework(request, response);
      } else {
        const allowed = routes.methodsOf(pathOf(request));
        if (allowed.length === 0 || allowed.includes(request.method ?? '')) {
          framework(request, response);
        } else refuse(request, response, methodNotServed(allowed));
      }
    },
  );
  server.on('clientError', (error: Error & { code?: string }, socket) => {
    refuseRaw(error, socket as Socket);
  });
  return server;
};

const refusals = {
  400: 'The request is not valid HTTP',
  408: 'The request took too long to arrive',
  414: `The URL is longer than ${urlCharactersMax} characters`,
  431: `The headers are larger than ${headerBytesMax} bytes`,
} as const;

const traceIdOfNobody = (): string => randomBytes(16).toString('hex');

interface Refusal {
  readonly failure: Failure;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

const refuse = (
  request: IncomingMessage,
  response: ServerResponse,
  { failure, status, headers }: Refusal,
): void => {
  const context = { instance: pathOf(request), traceId: traceIdOfNobody(), status };
  writeProblem(response, failure, context, headers);
  request.resume();
};

/** Node could not even parse the request: there is no response object, only the socket. */
const refuseRaw = (error: Error & { code?: string }, socket: Socket): void => {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? 431
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? 408
        : 400;
  const failure = new Failure('invalid-request', refusals[status]);
  const body = JSON.stringify(
    problemOf(failure, { instance: '', traceId: traceIdOfNobody(), status }),
  );
  socket.end(
    [
      `HTTP/1.1 ${status} ${failure.rule.title}`,
      'content-type: application/problem+json; charset=utf-8',
      `content-length: ${Buffer.byteLength(body)}`,
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  );
};
