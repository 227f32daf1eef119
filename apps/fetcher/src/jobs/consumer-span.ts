import { metrics, SpanKind, SpanStatusCode, trace, type Span } from '@opentelemetry/api';
import { askLaneName } from '@glasshouse/fetch-queue';
import { contextFromTraceparent } from '@glasshouse/service-kit';
import { context } from '@opentelemetry/api';

const scope = '@glasshouse/fetcher';

export interface ConsumedJob {
  readonly queue: string;
  readonly jobId: string;
  /** From the job's data, before anybody has looked at it. */
  readonly traceparent: unknown;
  readonly queueWaitMs: number;
}

/** How a run ended, for span and metric. `errorType` is a failure kind, absent when nothing failed. */
export interface Consumption {
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly errorType?: string;
}

/** What a run has to say about itself when it ends, well or not. */
export type Tell = (consumption: Consumption) => void;

/**
 * Runs a job in its CONSUMER span, child of the span that sent it, and measures it. BullMQ's own instrumentation leaves failed jobs
 * unmarked and copies results into events, so the span is made here.
 */
export const createConsumerSpans = (now: () => number = () => performance.now()) => {
  const tracer = trace.getTracer(scope);
  const meter = metrics.getMeter(scope);
  const duration = meter.createHistogram('messaging.process.duration', {
    unit: 's',
    description: 'Duration of a run of a job, waiting for permits included',
  });
  const queueWait = meter.createHistogram('coinglass.queue.wait.duration', {
    unit: 's',
    description: 'From the adding of a job to the begin of its run',
  });

  return async <T>(
    { queue, jobId, traceparent, queueWaitMs }: ConsumedJob,
    run: (tell: Tell) => Promise<T>,
  ): Promise<T> => {
    const destination = { 'messaging.destination.name': queue };
    const parent = contextFromTraceparent(traceparent);
    const sender = trace.getSpanContext(parent);
    const span = tracer.startSpan(
      `process ${queue}`,
      {
        kind: SpanKind.CONSUMER,
        ...(sender && { links: [{ context: sender }] }),
        attributes: {
          ...destination,
          'messaging.system': queue === askLaneName ? 'redis' : 'bullmq',
          'messaging.operation.name': 'process',
          'messaging.operation.type': 'process',
          'messaging.message.id': jobId,
          'coinglass.queue.wait': queueWaitMs / 1_000,
        },
      },
      parent,
    );
    const startedAt = now();
    let told: Consumption = { attributes: {} };
    queueWait.record(queueWaitMs / 1_000, destination);
    try {
      return await context.with(trace.setSpan(parent, span), () =>
        run((consumption) => (told = consumption)),
      );
    } finally {
      endSpan(span, told);
      duration.record((now() - startedAt) / 1_000, {
        ...destination,
        'messaging.operation.name': 'process',
        ...armAttribute(told),
        ...(told.errorType !== undefined && { 'error.type': told.errorType }),
      });
    }
  };
};

const armAttribute = ({ attributes: { 'coinglass.arm': arm } }: Consumption) =>
  arm === undefined ? {} : { 'coinglass.arm': arm };

export type InConsumerSpan = ReturnType<typeof createConsumerSpans>;

const endSpan = (span: Span, { attributes, errorType }: Consumption): void => {
  span.setAttributes(attributes);
  if (errorType !== undefined) {
    span.setAttribute('error.type', errorType);
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
};
