import { context, isSpanContextValid, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import type { Context } from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';

/** The W3C `traceparent` of a context's span, to travel in a job or a message; undefined outside of any span. */
export const traceparentOf = (from: Context = context.active()): string | undefined => {
  const span = trace.getSpanContext(from);
  if (!span || !isSpanContextValid(span)) return undefined;
  const flags = (span.traceFlags & 0xff).toString(16).padStart(2, '0');
  return `00-${span.traceId}-${span.spanId}-${flags}`;
};

/**
 * The context that a received `traceparent` names, as a remote parent. Anything malformed gives the root
 * context: a new trace, no error. Baggage and trace state are not taken over: they are a stranger's text.
 */
export const contextFromTraceparent = (received: unknown): Context => {
  const parent = typeof received === 'string' ? parseTraceParent(received) : null;
  if (!parent || !isSpanContextValid(parent)) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true });
};
