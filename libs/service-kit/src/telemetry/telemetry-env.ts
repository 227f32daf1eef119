import { parseKeyPairsIntoRecord } from '@opentelemetry/core';

export type TelemetryEnv = Readonly<Record<string, string | undefined>>;

/** Where one signal goes, or nothing when it is not exported. */
export interface ExportTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

export interface TelemetrySettings {
  readonly disabled: boolean;
  readonly resource: Readonly<Record<string, string>>;
  readonly sampler: { readonly name: string; readonly ratio: number };
  readonly traces?: ExportTarget;
  readonly metrics?: ExportTarget;
  readonly spanQueue: { readonly size: number; readonly batch: number; readonly delayMs: number };
  readonly metricsEveryMs: number;
  /** What the environment asks for and we do otherwise; said once at start. */
  readonly notices: readonly string[];
}

type Signal = 'TRACES' | 'METRICS';

export const samplerNames = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/**
 * OpenTelemetry's own variables, read from a given environment. An unusable value never stops a service:
 * the default is taken and a notice says so. Only OTLP over HTTP with JSON is spoken.
 */
export const readTelemetryEnv = (env: TelemetryEnv): TelemetrySettings => {
  const notices: string[] = [];
  const text = (name: string): string | undefined => env[name]?.trim() || undefined;
  const number = (name: string, fallback: number, min: number, max: number): number => {
    const given = text(name);
    if (given === undefined) return fallback;
    const value = Number(given);
    if (Number.isFinite(value) && value >= min && value <= max) return value;
    notices.push(`${name} is not a number from ${min} to ${max}; ${fallback} is used`);
    return fallback;
  };
  const address = (name: string, path: string): string | undefined => {
    const given = text(name);
    if (given === undefined) return undefined;
    if (URL.canParse(given) && /^https?:$/.test(new URL(given).protocol))
      return `${path === '' ? given : given.replace(/\/$/, '')}${path}`;
    notices.push(`${name} is not an http or https URL; it is ignored`);
    return undefined;
  };

  const target = (signal: Signal): ExportTarget | undefined => {
    const exporter = text(`OTEL_${signal}_EXPORTER`) ?? 'otlp';
    if (exporter === 'none') return undefined;
    if (exporter !== 'otlp')
      notices.push(`OTEL_${signal}_EXPORTER knows otlp and none; otlp is used`);
    const url =
      address(`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`, '') ??
      address('OTEL_EXPORTER_OTLP_ENDPOINT', `/v1/${signal.toLowerCase()}`);
    if (url === undefined) return undefined;
    const protocol =
      text(`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`) ?? text('OTEL_EXPORTER_OTLP_PROTOCOL');
    if (protocol === 'grpc') {
      notices.push(
        `OTLP over grpc is not supported, ${signal.toLowerCase()} are not exported; use http/json`,
      );
      return undefined;
    }
    if (protocol !== undefined && protocol !== 'http/json')
      notices.push(
        `OTLP protocol ${JSON.stringify(protocol)} is not supported; http/json is sent instead`,
      );
    return {
      url,
      headers: {
        ...parseKeyPairsIntoRecord(text('OTEL_EXPORTER_OTLP_HEADERS')),
        ...parseKeyPairsIntoRecord(text(`OTEL_EXPORTER_OTLP_${signal}_HEADERS`)),
      },
      timeoutMs: number('OTEL_EXPORTER_OTLP_TIMEOUT', 10_000, 1, 600_000),
    };
  };

  const sampler = text('OTEL_TRACES_SAMPLER') ?? 'parentbased_always_on';
  const known = samplerNames.some((name) => name === sampler);
  if (!known) notices.push('OTEL_TRACES_SAMPLER is unknown; parentbased_always_on is used');
  const serviceName = text('OTEL_SERVICE_NAME');
  const traces = target('TRACES');
  const metrics = target('METRICS');
  const size = number('OTEL_BSP_MAX_QUEUE_SIZE', 2_048, 1, 100_000);

  return {
    disabled: text('OTEL_SDK_DISABLED')?.toLowerCase() === 'true',
    resource: {
      ...parseKeyPairsIntoRecord(text('OTEL_RESOURCE_ATTRIBUTES')),
      ...(serviceName !== undefined && { 'service.name': serviceName }),
    },
    sampler: {
      name: known ? sampler : 'parentbased_always_on',
      ratio: number('OTEL_TRACES_SAMPLER_ARG', 1, 0, 1),
    },
    ...(traces && { traces }),
    ...(metrics && { metrics }),
    spanQueue: {
      size,
      batch: Math.min(size, number('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512, 1, 100_000)),
      delayMs: number('OTEL_BSP_SCHEDULE_DELAY', 5_000, 1, 600_000),
    },
    metricsEveryMs: number('OTEL_METRIC_EXPORT_INTERVAL', 60_000, 100, 3_600_000),
    notices: [...new Set(notices)],
  };
};
