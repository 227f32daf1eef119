import type { IncomingMessage } from 'node:http';
import {
  context,
  metrics,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
} from '@opentelemetry/api';
import { asFailure, type Failure } from '@glasshouse/coinglass-client';
import { contextFromTraceparent, type Logger } from '@glasshouse/service-kit';
import type { Caller } from '../access/access.ts';
import type { Metric, UsageTally } from '@glasshouse/teams';
import type { CacheState } from '../http/send.ts';
import type { HitObserver } from '../http/hit.ts';
import type { Representation } from '../representations/representation.ts';

export interface Observed {
  readonly status: number;
  readonly cache?: CacheState;
  readonly source?: string;
  readonly failure?: Failure;
  /** Absent when nobody was let in. */
  readonly caller?: Caller | undefined;
}

/** One hit in this many gets a span; all are counted. */
const hitsPerSpan = 128;

/**
 * What the gateway tells of its requests: a span and a duration for each that was more than a hit, a count for every answer, a
 * line for each failure of ours. By hand, because the stock instrumentation doubles the cost of a hit.
 */
export class RequestObserver implements HitObserver {
  readonly #logger: Logger;
  readonly #tally: Pick<UsageTally, 'add'>;
  readonly #tracer = trace.getTracer('gateway');
  readonly #answers = metrics.getMeter('gateway').createCounter('coinglass.cache.requests', {
    unit: '{request}',
    description: 'Requests answered, by how the answer came about',
  });
  readonly #durations = metrics
    .getMeter('gateway')
    .createHistogram('http.server.request.duration', {
      unit: 's',
      advice: {
        explicitBucketBoundaries: [
          0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
        ],
      },
    });
  readonly #hitAttributes = new Map<string, Attributes>();
  #hits = 0;

  constructor(logger: Logger, tally: Pick<UsageTally, 'add'>) {
    this.#logger = logger;
    this.#tally = tally;
  }

  hit(request: IncomingMessage, { meta }: Representation, { team }: Caller): void {
    let attributes = this.#hitAttributes.get(meta.endpoint);
    if (!attributes) {
      attributes = { 'coinglass.operation': meta.endpoint, outcome: 'hit' };
      this.#hitAttributes.set(meta.endpoint, attributes);
    }
    this.#answers.add(1, attributes);
    this.#tally.add(team.id, 'hits');
    this.#hits += 1;
    if (this.#hits % hitsPerSpan === 0) {
      const parent = contextFromTraceparent(request.headers['traceparent']);
      this.#tracer
        .startSpan(
          `GET ${meta.endpoint}`,
          {
            kind: SpanKind.SERVER,
            attributes: {
              'http.request.method': 'GET',
              'http.response.status_code': 200,
              'coinglass.operation': meta.endpoint,
              'coinglass.cache.outcome': 'hit',
              'glasshouse.team': team.id,
            },
          },
          parent,
        )
        .end();
    }
  }

  /** Runs the handling of a request inside its span. The handling itself never rejects. What is no answer has no `cache`. */
  async observe(
    request: IncomingMessage,
    { route, operation }: { readonly route: string; readonly operation: string },
    handle: (traceId: string) => Promise<Observed>,
  ): Promise<void> {
    const startedAt = performance.now();
    const { method = 'GET' } = request;
    const parent = contextFromTraceparent(request.headers['traceparent']);
    const span = this.#tracer.startSpan(
      `${method} ${route}`,
      {
        kind: SpanKind.SERVER,
        attributes: {
          'http.request.method': method,
          'http.route': route,
          'coinglass.operation': operation,
        },
      },
      parent,
    );
    const { traceId } = span.spanContext();
    await context.with(trace.setSpan(parent, span), async () => {
      const observed = await handle(traceId);
      const { status, cache, source, failure, caller } = observed;
      const metric = tallied(observed);
      const outcome = cache ?? (failure ? 'failure' : undefined);
      span.setAttribute('http.response.status_code', status);
      if (outcome) span.setAttribute('coinglass.cache.outcome', outcome);
      if (source) span.setAttribute('coinglass.source', source);
      if (caller) span.setAttribute('glasshouse.team', caller.team.id);
      if (failure) span.setAttribute('error.type', failure.kind);
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
      if (caller && metric) this.#tally.add(caller.team.id, metric);
      if (outcome) this.#answers.add(1, { 'coinglass.operation': operation, outcome });
      this.#durations.record((performance.now() - startedAt) / 1_000, {
        'http.request.method': method,
        'http.route': route,
        'http.response.status_code': status,
        ...(failure && { 'error.type': failure.kind }),
      });
      if (failure && status >= 500) {
        this.#logger.warn(
          { event: 'gateway.failure', route, kind: failure.kind, detail: failure.detail, status },
          'request failed',
        );
      }
    });
  }

  /** Whatever was thrown as a Failure; a bug is logged here with its stack, which never leaves. */
  asFailure(thrown: unknown): Failure {
    const failure = asFailure(thrown);
    if (failure.kind === 'internal')
      this.#logger.error({ event: 'gateway.bug', err: failure.cause }, 'a bug');
    return failure;
  }
}

/** Stale counts as a hit: it cost nothing and nobody waited. What is no read of an answer is neither. */
const tallied = ({ cache, failure }: Observed): Metric | undefined => {
  if (failure) return 'failures';
  if (cache === undefined) return undefined;
  return cache === 'miss' || cache === 'coalesced' ? 'misses' : 'hits';
};
