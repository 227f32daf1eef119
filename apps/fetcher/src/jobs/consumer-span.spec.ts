import {
  INVALID_SPAN_CONTEXT,
  SpanStatusCode,
  trace,
  type Span,
  type SpanOptions,
  type Context,
} from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createConsumerSpans } from './consumer-span.ts';

const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

/** What was made of one span, by a tracer that only takes notes. */
interface Noted {
  name: string;
  options: SpanOptions;
  parent: string | undefined;
  attributes: Record<string, unknown>;
  status?: SpanStatusCode;
  ended: boolean;
}

const notes: Noted[] = [];

const startSpan = (name: string, options: SpanOptions = {}, parent?: Context): Span => {
  const noted: Noted = {
    name,
    options,
    parent: parent && trace.getSpanContext(parent)?.spanId,
    attributes: {},
    ended: false,
  };
  notes.push(noted);
  const span = {
    spanContext: () => INVALID_SPAN_CONTEXT,
    setAttribute: (key: string, value: unknown) =>
      Object.assign(noted.attributes, { [key]: value }),
    setAttributes: (more: object) => Object.assign(noted.attributes, more),
    setStatus: ({ code }: { code: SpanStatusCode }) => (noted.status = code),
    end: () => (noted.ended = true),
  };
  return span as unknown as Span;
};

const consumed = { queue: 'coinglass-fetch', jobId: 'j1', traceparent, queueWaitMs: 250 };

describe('a job’s span', () => {
  beforeEach(() => {
    trace.setGlobalTracerProvider({
      getTracer: () => ({ startSpan, startActiveSpan: () => undefined as never }),
    });
  });
  afterEach(() => {
    trace.disable();
    notes.length = 0;
  });

  it('is the child of the span that sent the job, and tells how long the job waited', async () => {
    const inSpan = createConsumerSpans();
    const result = await inSpan(consumed, (tell) => {
      tell({ attributes: { 'coinglass.outcome': 'answered' } });
      return Promise.resolve('done');
    });
    expect(result).toBe('done');
    expect(notes).toMatchObject([
      {
        name: 'process coinglass-fetch',
        parent: 'b'.repeat(16),
        options: {
          links: [{ context: { spanId: 'b'.repeat(16) } }],
          attributes: { 'messaging.message.id': 'j1', 'coinglass.queue.wait': 0.25 },
        },
        attributes: { 'coinglass.outcome': 'answered' },
        ended: true,
      },
    ]);
    expect(notes[0]?.status).toBeUndefined();
  });

  it('is red, with the kind of failure, when the job failed, and ends whatever was thrown', async () => {
    const inSpan = createConsumerSpans();
    const run = inSpan({ ...consumed, traceparent: { hostile: true } }, (tell) => {
      tell({ attributes: {}, errorType: 'upstream-rejected' });
      return Promise.reject(new Error('upstream-rejected: no'));
    });
    await expect(run).rejects.toThrow('no');
    expect(notes).toMatchObject([
      {
        parent: undefined,
        status: SpanStatusCode.ERROR,
        attributes: { 'error.type': 'upstream-rejected' },
        ended: true,
      },
    ]);
  });
});
