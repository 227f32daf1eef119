import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { failures, type Failure } from '@glasshouse/coinglass-client';

export interface ProblemContext {
  /** The path asked for, without its query: a query may hold what must not be repeated. */
  readonly instance: string;
  readonly traceId: string;
  /** 404, 405, 413, 414 and 431 of HTTP itself keep their own status under `invalid-request`. */
  readonly status?: number;
}

/**
 * A failure as RFC 9457 problem, with `code` and `msg` beside so that a CoinGlass client sees a failure. The vendor's own words
 * stay inside: callers get its status and code only.
 */
export const problemOf = (failure: Failure, { instance, traceId, status }: ProblemContext) => {
  const rule = failures[failure.kind];
  const ownStatus = status ?? rule.status;
  const { upstream, errors, retryAfterMs } = failure;
  return {
    type: `/problems/${failure.kind}`,
    title: rule.title,
    status: ownStatus,
    detail: failure.detail,
    instance,
    kind: failure.kind,
    retryable: rule.retryable,
    ...(retryAfterMs !== undefined && { retryAfterMs: Math.ceil(retryAfterMs) }),
    ...(errors && { errors }),
    ...(upstream &&
      (upstream.status !== undefined || upstream.code !== undefined) && {
        upstream: {
          ...(upstream.status !== undefined && { status: upstream.status }),
          ...(upstream.code !== undefined && { code: upstream.code }),
        },
      }),
    traceId,
    code: String(ownStatus),
    msg: failure.detail,
  };
};

/** Seconds for a 503 that nobody quoted a time for. */
const retryAfterDefaultSeconds = 5;

/** Writes a problem. A 429 or 503 that may be tried again carries Retry-After; one that waits for a person does not. */
export const writeProblem = (
  response: ServerResponse,
  failure: Failure,
  context: ProblemContext,
  extraHeaders: Readonly<Record<string, string>> = {},
): void => {
  if (response.headersSent || response.destroyed) return;
  const problem = problemOf(failure, context);
  const body = JSON.stringify(problem);
  const retryAfter =
    problem.retryAfterMs !== undefined
      ? Math.max(1, Math.ceil(problem.retryAfterMs / 1_000))
      : problem.retryable && (problem.status === 503 || problem.status === 429)
        ? retryAfterDefaultSeconds
        : undefined;
  const headers: OutgoingHttpHeaders = {
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-trace-id': context.traceId,
    ...extraHeaders,
  };
  if (problem.status === 401) headers['www-authenticate'] = 'Bearer';
  if (retryAfter !== undefined) headers['retry-after'] = String(retryAfter);
  response.writeHead(problem.status, headers);
  response.end(body);
};
