import { describe, expect, it } from '@jest/globals';
import { samplerOf } from './sampler.ts';
import { readTelemetryEnv } from './telemetry-env.ts';

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318/' };

describe('the OTEL_ variables', () => {
  it('export nothing when no endpoint is set', () => {
    const { traces, metrics, notices } = readTelemetryEnv({ OTEL_EXPORTER_OTLP_ENDPOINT: ' ' });
    expect({ traces, metrics, notices }).toEqual({ notices: [] });
  });

  it('give each signal its path, or its own endpoint as it is', () => {
    const { traces, metrics } = readTelemetryEnv({
      ...endpoint,
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'https://m.example/in',
      OTEL_EXPORTER_OTLP_HEADERS: 'a=1',
      OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'b=2%203',
    });
    expect(traces).toMatchObject({ url: 'http://127.0.0.1:4318/v1/traces', headers: { a: '1' } });
    expect(metrics).toMatchObject({ url: 'https://m.example/in', headers: { a: '1', b: '2 3' } });
  });

  it('can switch a signal off', () => {
    const { traces, metrics } = readTelemetryEnv({ ...endpoint, OTEL_METRICS_EXPORTER: 'none' });
    expect(traces).toBeDefined();
    expect(metrics).toBeUndefined();
  });

  it('say what is not supported instead of failing', () => {
    const protobuf = readTelemetryEnv({
      ...endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_TRACES_SAMPLER: 'jaeger_remote',
      OTEL_BSP_MAX_QUEUE_SIZE: 'many',
    });
    expect(protobuf.traces).toBeDefined();
    expect(protobuf.notices).toEqual([
      expect.stringContaining('OTEL_TRACES_SAMPLER'),
      expect.stringContaining('http/json is sent instead'),
      expect.stringContaining('OTEL_BSP_MAX_QUEUE_SIZE'),
    ]);
    const grpc = readTelemetryEnv({ ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' });
    expect(grpc.traces).toBeUndefined();
    expect(grpc.notices.join()).toContain('grpc is not supported');
    expect(readTelemetryEnv({ OTEL_EXPORTER_OTLP_ENDPOINT: 'localhost' }).notices).toHaveLength(1);
  });

  it.each([
    [{}, 'ParentBased{root=AlwaysOnSampler'],
    [{ OTEL_TRACES_SAMPLER: 'always_off' }, 'AlwaysOffSampler'],
    [
      { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' },
      'TraceIdRatioBased{0.25}',
    ],
    [
      { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.5' },
      'ParentBased{root=TraceIdRatioBased{0.5}',
    ],
  ])('choose the sampler: %j', (env, described) => {
    expect(samplerOf(readTelemetryEnv(env).sampler).toString()).toContain(described);
  });
});
