import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  context,
  metrics,
  SpanStatusCode,
  trace,
  type Attributes,
  type MeterProvider,
  type Span,
  type SpanOptions,
  type TracerProvider,
} from '@opentelemetry/api';
import { Failure } from '../failures.ts';
import type { AttemptRecord } from './attempt-record.ts';
import { maskValues } from './mask.ts';
import { createPipeline } from './pipeline.ts';
import {
  callOf,
  good,
  rawAnswer,
  refused,
  scriptedPermits,
  scriptedWire,
  silence,
  virtualClock,
} from './testing/scripted.ts';

const key = 'a-vendor-key-0123456789';

interface Recorded {
  readonly name: string;
  readonly options: SpanOptions;
  readonly attributes: Attributes;
  status?: { readonly code: SpanStatusCode };
  ended: number;
}

const spans: Recorded[] = [];
const durations: { readonly seconds: number; readonly attributes: Attributes }[] = [];

/** As little of an SDK as is needed to see what is told to it. */
const recordingTracers = {
  getTracer: () => ({
    startSpan: (name: string, options: SpanOptions) => {
      const span: Recorded = { name, options, attributes: { ...options.attributes }, ended: 0 };
      spans.push(span);
      return {
        setAttributes: (more: Attributes) => Object.assign(span.attributes, more),
        setStatus: (status: { code: SpanStatusCode }) => (span.status = status),
        end: () => (span.ended += 1),
      } as unknown as Span;
    },
  }),
} as unknown as TracerProvider;
const recordingMeters = {
  getMeter: () => ({
    createHistogram: (name: string) => ({
      record: (seconds: number, attributes: Attributes) =>
        name === 'http.client.request.duration' && durations.push({ seconds, attributes }),
    }),
  }),
} as unknown as MeterProvider;

trace.setGlobalTracerProvider(recordingTracers);
metrics.setGlobalMeterProvider(recordingMeters);
afterAll(() => {
  trace.disable();
  metrics.disable();
});
beforeEach(() => {
  spans.length = durations.length = 0;
});

const play = async (wire: ReturnType<typeof scriptedWire>, call = callOf(), sendsMax = 3) => {
  const clock = virtualClock();
  const records: AttemptRecord[] = [];
  const send = createPipeline({
    wire,
    permits: scriptedPermits(),
    mask: maskValues(() => [key]),
    onAttempt: (record) => records.push(record),
    random: () => 1,
    now: clock.now,
    sleep: clock.sleep,
    sendsMax,
  });
  await clock.run(send(call)).catch(() => undefined);
  return records;
};

const target = {
  'http.request.method': 'GET',
  'server.address': 'vendor.test',
  'server.port': 443,
  'url.template': '/api/futures/funding-rate/history',
  'coinglass.arm': 'baseline',
};

describe('the span of an attempt', () => {
  it('tells the question, the answer and the quota of a success', async () => {
    const answer = { ...good, quota: { used: 17, limit: 300 } };
    const [record] = await play(scriptedWire(answer));
    expect(spans).toEqual([
      {
        name: 'GET /api/futures/funding-rate/history',
        options: expect.objectContaining({ kind: 2 }),
        attributes: {
          ...target,
          'url.full':
            'https://vendor.test/api/futures/funding-rate/history?exchange=OKX&interval=1h&limit=2&symbol=SOL-USDT-SWAP',
          'coinglass.lane': 'interactive',
          'coinglass.team': 'alpha',
          'coinglass.permit.wait': 0.007,
          'http.response.status_code': 200,
          'coinglass.quota.used': 17,
          'coinglass.quota.limit': 300,
          'http.response.body.size': good.wireBytes,
        },
        ended: 1,
      },
    ]);
    expect(durations).toEqual([
      { seconds: 0, attributes: { ...target, 'http.response.status_code': 200 } },
    ]);
    expect(record).toEqual({
      event: 'coinglass.attempt',
      operation: 'futures/funding-rate/history',
      method: 'GET',
      path: '/api/futures/funding-rate/history',
      params: { exchange: 'OKX', interval: '1h', limit: '2', symbol: 'SOL-USDT-SWAP' },
      attempt: 1,
      arm: 'baseline',
      lane: 'interactive',
      team: 'alpha',
      permitWaitMs: 7,
      durationMs: 0,
      status: 200,
      wireBytes: good.wireBytes,
      quotaUsed: 17,
      quotaLimit: 300,
    });
  });

  it('is one for each sending, numbered as a resending', async () => {
    const records = await play(scriptedWire(refused('500', 'Server Error'), good));
    expect(
      spans.map(({ status, attributes }) => [
        status?.code,
        attributes['http.request.resend_count'],
      ]),
    ).toEqual([
      [SpanStatusCode.ERROR, undefined],
      [undefined, 1],
    ]);
    expect(records.map(({ attempt }) => attempt)).toEqual([1, 2]);
  });

  it('is no error when an interval was refused, but says so', async () => {
    const [record] = await play(
      scriptedWire(
        refused('403', 'The requested interval is not available for your current API plan.'),
      ),
    );
    expect(spans[0]?.status).toBeUndefined();
    expect(spans[0]?.attributes).toMatchObject({
      'coinglass.error.code': '403',
      'coinglass.error.message':
        'The requested interval is not available for your current API plan.',
      'error.type': 'vendor_403',
    });
    expect(record).toMatchObject({ failureKind: 'interval-not-available', errorCode: '403' });
    expect(record?.bodySnippet).toContain('"code":"403"');
  });

  it.each([
    ['vendor_401', refused('401', 'Upgrade plan')],
    ['vendor_other', refused('50001', 'odd')],
    ['404', refused('404', 'Endpoint not found', { status: 404 })],
    ['502', rawAnswer('<html>', { status: 502 })],
    ['decode', rawAnswer('<html>')],
    ['decode', rawAnswer('[]')],
    ['schema', rawAnswer({ code: '0', data: {} })],
    ['network', new Failure('upstream-unavailable', 'ECONNRESET')],
    ['timeout', silence],
    ['internal', new TypeError('a bug')],
  ])('is an error of type %s, the same in span, metric and record', async (type, line) => {
    const [record] = await play(scriptedWire(line), callOf(), 1);
    expect(spans).toMatchObject([
      { status: { code: SpanStatusCode.ERROR }, attributes: { 'error.type': type }, ended: 1 },
    ]);
    expect(durations).toMatchObject([{ attributes: { 'error.type': type } }]);
    expect(record?.errorType).toBe(type);
  });

  it('is neither success nor error when nobody wants the answer any more', async () => {
    const stop = new AbortController();
    const [record] = await play(
      scriptedWire(() => {
        stop.abort(new Error('nobody'));
        return new Promise(() => undefined);
      }),
      callOf({ signal: stop.signal }),
    );
    expect(spans).toMatchObject([{ ended: 1 }]);
    expect(spans[0]?.status).toBeUndefined();
    expect(spans[0]?.attributes).not.toHaveProperty('error.type');
    expect(record).toMatchObject({ cancelled: true });
  });

  it('carries the key nowhere, though the vendor echoes it and a caller sends it', async () => {
    for (const echo of [refused(key, `Invalid API key: ${key}`), rawAnswer(`<p>${key}`)])
      await play(scriptedWire(echo), callOf({ params: { symbol: key, 'a+b': `x${key}y` } }), 1);
    expect(spans).toHaveLength(2);
    expect(JSON.stringify([spans, durations])).not.toContain(key);
  });

  it('is the active one while the record is handed over, and gives nothing to the wire', async () => {
    const active: unknown[] = [];
    context.disable();
    let current = context.active();
    context.setGlobalContextManager({
      active: () => current,
      with: (next, run, self, ...args) => {
        const before = current;
        current = next;
        try {
          return run.call(self, ...args);
        } finally {
          current = before;
        }
      },
      bind: (_context, target) => target,
      enable() {
        return this;
      },
      disable() {
        return this;
      },
    });
    const wire = scriptedWire(good);
    const { send } = wire;
    await play({ ...wire, send: (attempt) => (active.push(trace.getActiveSpan()), send(attempt)) });
    context.disable();
    expect(active).toEqual([expect.objectContaining({ end: expect.any(Function) })]);
    expect(Object.keys(wire.sent[0] ?? {})).not.toContain('traceparent');
  });
});
