import {
  context,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
} from '@opentelemetry/api';

const traceparentForm = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** The context a W3C `traceparent` names, on top of nothing: no baggage comes along. */
const contextOf = (traceparent: string | undefined): Context => {
  const [, traceId, spanId, flags] = traceparentForm.exec(traceparent ?? '') ?? [];
  if (!traceId || !spanId || !flags) return propagation.deleteBaggage(context.active());
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & 1,
    isRemote: true,
  });
};

export interface Sending {
  readonly queue: string;
  /** What carries it; BullMQ unless told. */
  readonly system?: 'bullmq' | 'redis';
  readonly jobId: string;
  readonly traceparent: string | undefined;
}

/**
 * Runs a sending to a queue in a PRODUCER span and hands it the `traceparent` for the job's data, so that the fetcher's span
 * becomes the child of the sending. Without a telemetry SDK the given `traceparent` passes through.
 */
export const inSendSpan = async <T>(
  { queue, system = 'bullmq', jobId, traceparent }: Sending,
  send: (traceparent: string | undefined) => Promise<T>,
): Promise<T> => {
  const span = trace.getTracer('@glasshouse/fetch-queue').startSpan(
    `send ${queue}`,
    {
      kind: SpanKind.PRODUCER,
      attributes: {
        'messaging.system': system,
        'messaging.operation.name': 'send',
        'messaging.operation.type': 'send',
        'messaging.destination.name': queue,
        'messaging.message.id': jobId,
      },
    },
    contextOf(traceparent),
  );
  const { traceId, spanId, traceFlags } = span.spanContext();
  const own = isSpanContextValid(span.spanContext())
    ? `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
    : traceparent;
  try {
    return await send(own);
  } catch (thrown) {
    span.setStatus({ code: SpanStatusCode.ERROR });
    span.setAttribute('error.type', 'store-unavailable');
    throw thrown;
  } finally {
    span.end();
  }
};
