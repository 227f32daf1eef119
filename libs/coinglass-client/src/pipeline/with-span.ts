import {
  context,
  metrics,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Span,
} from '@opentelemetry/api';
import { abandonable } from './abortable.ts';
import { attemptRecord, type AttemptRecord } from './attempt-record.ts';
import type { Attempt, ObservedAttempt, Page, RawAnswer, Send } from './call.ts';
import type { Mask } from './mask.ts';
import { upstreamPath, upstreamUrl } from './upstream-url.ts';

interface SpanParts {
  readonly baseUrl: URL;
  readonly mask: Mask;
  readonly now: () => number;
  /** Called inside the span, so that a logger finds the trace id. Must not throw. */
  readonly onAttempt: (record: AttemptRecord) => void;
}

const scope = '@glasshouse/coinglass-client';

/** As OpenTelemetry advises for this histogram. */
const bucketsSeconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/**
 * One CLIENT span, one duration and one record for each sending, whatever becomes of it. The trace context stays in
 * the house: the vendor is sent no `traceparent`. Levels and log lines are the app's.
 */
export const withSpan = (
  { baseUrl, mask, now, onAttempt }: SpanParts,
  next: Send<ObservedAttempt, Page>,
): Send<Attempt, Page> => {
  const tracer = trace.getTracer(scope);
  const duration = metrics.getMeter(scope).createHistogram('http.client.request.duration', {
    unit: 's',
    description: 'Duration of requests to CoinGlass',
    advice: { explicitBucketBoundaries: bucketsSeconds },
  });

  return (attempt) => {
    const target = targetAttributes(baseUrl, attempt);
    const span = tracer.startSpan(`GET ${upstreamPath(attempt.endpoint)}`, {
      kind: SpanKind.CLIENT,
      attributes: {
        ...target,
        'url.full': mask(upstreamUrl(baseUrl, attempt).href),
        ...questionAttributes(attempt),
      },
    });
    const startedAt = now();
    const finish = (answer: RawAnswer | undefined, thrown?: unknown) => {
      const durationMs = Math.max(0, now() - startedAt);
      const record = attemptRecord(attempt, { answer, thrown, durationMs }, mask);
      duration.record(durationMs / 1000, { ...target, ...countedAttributes(record) });
      onAttempt(record);
      endSpan(span, record);
    };
    return context.with(trace.setSpan(context.active(), span), async () => {
      let answer: RawAnswer | undefined;
      const observe = (seen: RawAnswer) => {
        answer = seen;
      };
      let page: Page;
      try {
        page = await abandonable(next({ ...attempt, observe }), attempt.signal);
      } catch (thrown) {
        finish(answer, thrown);
        throw thrown;
      }
      finish(answer);
      return page;
    });
  };
};

/** Few values each, so they may label the metric, too. */
const targetAttributes = (baseUrl: URL, { endpoint, arm }: Attempt): Attributes => ({
  'http.request.method': 'GET',
  'server.address': baseUrl.hostname,
  'server.port': Number(baseUrl.port) || (baseUrl.protocol === 'https:' ? 443 : 80),
  'url.template': upstreamPath(endpoint),
  'coinglass.arm': arm,
});

const questionAttributes = ({
  attempt,
  callId,
  lane,
  team,
  permitWaitMs,
}: Attempt): Attributes => ({
  'coinglass.lane': lane,
  ...(callId !== undefined && { 'coinglass.call.id': callId }),
  'coinglass.team': team.id,
  'coinglass.permit.wait': permitWaitMs / 1000,
  ...(attempt > 1 && { 'http.request.resend_count': attempt - 1 }),
});

const countedAttributes = ({ status, errorType }: AttemptRecord): Attributes => ({
  ...(status !== undefined && { 'http.response.status_code': status }),
  ...(errorType !== undefined && { 'error.type': errorType }),
});

const endSpan = (span: Span, record: AttemptRecord) => {
  const { errorCode, errorMessage, quotaUsed, quotaLimit, wireBytes, failureDetail } = record;
  span.setAttributes({
    ...countedAttributes(record),
    ...(errorCode !== undefined && { 'coinglass.error.code': errorCode }),
    ...(errorMessage !== undefined && { 'coinglass.error.message': errorMessage }),
    ...(quotaUsed !== undefined && { 'coinglass.quota.used': quotaUsed }),
    ...(quotaLimit !== undefined && { 'coinglass.quota.limit': quotaLimit }),
    ...(wireBytes !== undefined && { 'http.response.body.size': wireBytes }),
  });
  if (isError(record)) span.setStatus({ code: SpanStatusCode.ERROR, message: failureDetail ?? '' });
  span.end();
};

/** A refused interval is an answer that we know how to use (the ladder); a cancelled attempt was nobody's fault. */
const isError = ({ failureKind }: AttemptRecord) =>
  failureKind !== undefined && failureKind !== 'interval-not-available';
