import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { Failure, invalidRequest, isFailure, nearest } from '@glasshouse/coinglass-client';
import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '@glasshouse/service-kit';
import { methodNotServed } from './method-not-served.ts';
import { writeProblem } from './problem.ts';
import { pathOf } from './path.ts';
import type { RouteTable } from './route-table.ts';

/** Routes spelt alike, whether the last part was meant as a coin or not. */
const nearRoutes = (path: string, urls: readonly string[]): string[] => [
  ...new Set([...nearest(path, urls), ...nearest(path.replace(/[^/]+$/, ':coin'), urls)]),
];

interface Told {
  readonly failure: Failure;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Whatever Nest or Fastify throws themselves leaves as a problem, too: unknown routes, malformed URLs, bugs. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #logger: Logger;
  readonly #routes: Pick<RouteTable, 'methodsOf' | 'urls'>;

  constructor(logger: Logger, routes: Pick<RouteTable, 'methodsOf' | 'urls'>) {
    this.#logger = logger;
    this.#routes = routes;
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
    const { failure, status, headers } = this.#translate(thrown, instance, traceId);
    const context = { instance, traceId, ...(status !== undefined && { status }) };
    writeProblem(response, failure, context, headers);
  }

  #translate(thrown: unknown, path: string, traceId: string): Told {
    if (isFailure(thrown)) return { failure: thrown };
    const status =
      thrown instanceof HttpException
        ? thrown.getStatus()
        : (thrown as { statusCode?: number } | undefined)?.statusCode;
    if (status === 404) return this.#notServed(path);
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

  /** A path that is served for other methods is not unknown. */
  #notServed(path: string): Told {
    const allowed = this.#routes.methodsOf(path);
    if (allowed.length > 0) return methodNotServed(allowed);
    const suggestions = nearRoutes(path, this.#routes.urls);
    return {
      failure: new Failure('unknown-endpoint', 'There is no such route', {
        errors: [{ field: 'path', message: 'is not served', suggestions }],
      }),
    };
  }
}
