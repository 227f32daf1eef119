import { describe, expect, it } from '@jest/globals';
import { propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { contextFromTraceparent, traceparentOf } from './traceparent.ts';

const sent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('a traceparent', () => {
  it('survives the way through a job', () => {
    expect(traceparentOf(contextFromTraceparent(sent))).toBe(sent);
    expect(trace.getSpanContext(contextFromTraceparent(sent))?.isRemote).toBe(true);
  });

  it('does not exist outside of a span', () => {
    expect(traceparentOf(ROOT_CONTEXT)).toBeUndefined();
  });

  it.each([
    undefined,
    42,
    '',
    'garbage',
    [sent],
    sent.replace('00-', 'ff-'),
    sent.replace('4bf9', 'zzzz'),
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-4bf92f3577b34da6a3ce929d0e0e4736-${'0'.repeat(16)}-01`,
    `${sent}-more`,
    `${sent}\r\nx: y`,
  ])('that is malformed starts a new trace: %j', (received) => {
    expect(contextFromTraceparent(received)).toBe(ROOT_CONTEXT);
  });

  it('brings no baggage along', () => {
    expect(propagation.getBaggage(contextFromTraceparent(sent))).toBeUndefined();
  });
});
