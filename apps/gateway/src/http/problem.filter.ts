import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import {
  catalogue,
  Failure,
  invalidRequest,
  isFailure,
  nearest,
  type Endpoint,
} from '@glasshouse/coinglass-client';
import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '@glasshouse/service-kit';
import { writeProblem } from './problem.ts';
import { pathOf } from './path.ts';

const endpoints = Object.values(catalogue) as Endpoint[];
const paths = endpoints.flatMap(({ id, route }) => [route, `/api/${id}`]);

/** Routes spelt alike, whether the last part was meant as a coin or not. */
const nearRoutes = (path: string): string[] => [
  ...new Set([...nearest(path, paths), ...nearest(path.replace(/[^/]+$/, ':coin'), paths)]),
];

/** Whatever Nest or Fastify throws themselves leaves as a problem, too: unknown routes, malformed URLs, bugs. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    reply.hijack();
    this.write(thrown, request, reply.raw);
  }

  write(thrown: unknown, request: FastifyRequest, response: ServerResponse): void {
    const instance = pathOf(request.raw);
    const traceId = randomBytes(16).toString('hex');
    const { failure, status } = this.#translate(thrown, instance, traceId);
    writeProblem(response, failure, {
      instance,
      traceId,
      ...(status !== undefined && { status }),
    });
  }

  #translate(
    thrown: unknown,
    path: string,
    traceId: string,
  ): { failure: Failure; status?: number } {
    if (isFailure(thrown)) return { failure: thrown };
    const status =
      thrown instanceof HttpException
        ? thrown.getStatus()
        : (thrown as { statusCode?: number } | undefined)?.statusCode;
    if (status === 404) {
      return {
        failure: new Failure('unknown-endpoint', 'There is no such route', {
          errors: [{ field: 'path', message: 'is not served', suggestions: nearRoutes(path) }],
        }),
      };
    }
    if (status !== undefined && status >= 400 && status < 500) {
      const errors = [{ field: 'path', message: 'has a malformed percent escape' }];
      const failure =
        (thrown as { code?: string }).code === 'FST_ERR_BAD_URL'
          ? invalidRequest(errors)
          : new Failure('invalid-request', 'The request is not valid');
      return { failure, status };
    }
    this.#logger.error({ event: 'gateway.bug', trace_id: traceId, err: thrown }, 'a bug');
    return { failure: new Failure('internal', 'An unexpected error; see the log') };
  }
}
