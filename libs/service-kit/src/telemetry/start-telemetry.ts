import { randomUUID } from 'node:crypto';
import { context, diag, DiagLogLevel, metrics, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import type { Resource } from '@opentelemetry/resources';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { secretsOf } from '../config/secrets-of.ts';
import { within } from '../lifecycle/within.ts';
import type { Logger } from '../logging/logger.ts';
import { createMask } from '../logging/mask.ts';
import type { Mask } from '../logging/mask.ts';
import { sampled } from '../logging/sampled.ts';
import { metricExport, spanExport } from './otlp-export.ts';
import { samplerOf } from './sampler.ts';
import { readTelemetryEnv } from './telemetry-env.ts';
import type { ExportTarget, TelemetryEnv } from './telemetry-env.ts';

export interface TelemetryOptions {
  /** `service.name`, unless `OTEL_SERVICE_NAME` says otherwise. */
  readonly service: string;
  readonly version: string;
  /** Every secret the process knows, see `secretsOf`. They leave in no span and no label. */
  readonly secrets: readonly string[];
  /** Where `OTEL_*` is read from: the process's environment, handed in by the app. */
  readonly env: TelemetryEnv;
  /** Told of settings that cannot be honoured and, at most once a minute, of a collector that fails. */
  readonly logger?: Pick<Logger, 'warn' | 'error'>;
}

export interface Telemetry {
  /** Where spans and metrics go, without credentials; a signal that is not exported is absent. */
  readonly exportsTo: { readonly traces?: string; readonly metrics?: string };
  /** Sends what is queued, for at most 3 s, and unregisters. Never rejects. */
  shutdown(): Promise<void>;
}

const flushMs = 3_000;

const unregister = (): void => {
  trace.disable();
  metrics.disable();
  propagation.disable();
  context.disable();
  diag.disable();
};

/** What the SDK complains about, a collector that does not answer first of all, at most one line a minute. */
const tellTrouble = (logger: Pick<Logger, 'warn' | 'error'>, mask: Mask): void => {
  const rarely = sampled(logger, 1 / 60);
  const tell = (message: string): void =>
    rarely.warn(
      { event: 'telemetry.export', reason: mask(message).slice(0, 512) },
      'telemetry is not delivered',
    );
  const ignore = (): void => undefined;
  diag.setLogger(
    { error: tell, warn: tell, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
};

/** Who the telemetry is from. No process detector: its command line would show whatever was passed there. */
const describeProcess = (attributes: Readonly<Record<string, string>>, mask: Mask): Resource =>
  defaultResource().merge(
    resourceFromAttributes(
      Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, mask(value)])),
    ),
  );

const placeOf = ({ url }: ExportTarget): string => {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
};

/**
 * Registers tracing for the process: a tracer provider, contexts that follow async calls, and W3C trace context
 * without baggage. So trace ids exist in logs also where nothing is exported. Spans and metrics leave by OTLP
 * over HTTP as JSON (nothing else is spoken) when `OTEL_EXPORTER_OTLP_ENDPOINT` or one of its two specific
 * forms is set, from a bounded queue: a dead collector costs spans, never the service. What is measured is
 * decided elsewhere, with `@opentelemetry/api`; nothing is instrumented by itself.
 */
export const startTelemetry = ({
  service,
  version,
  secrets,
  env,
  logger,
}: TelemetryOptions): Telemetry => {
  const {
    disabled,
    notices,
    sampler,
    traces,
    metrics: measured,
    ...settings
  } = readTelemetryEnv(env);
  const mask = createMask([...secrets, ...secretsOf(env)]);
  for (const notice of notices) logger?.warn({ event: 'telemetry.setting' }, mask(notice));

  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  if (disabled) return { exportsTo: {}, shutdown: () => Promise.resolve(unregister()) };
  if (logger) tellTrouble(logger, mask);

  const resource = describeProcess(
    {
      'service.name': service,
      'service.namespace': 'glasshouse',
      'service.version': version,
      'service.instance.id': randomUUID(),
      ...settings.resource,
    },
    mask,
  );
  const tracerProvider = new TracerProvider({
    resource,
    sampler: samplerOf(sampler),
    spanProcessors: traces ? [spanExport(traces, settings.spanQueue, mask)] : [],
  });
  trace.setGlobalTracerProvider(tracerProvider);
  const meterProvider =
    measured && metricExport(measured, { everyMs: settings.metricsEveryMs, resource }, mask);
  if (meterProvider) metrics.setGlobalMeterProvider(meterProvider);

  return {
    exportsTo: {
      ...(traces && { traces: placeOf(traces) }),
      ...(measured && { metrics: placeOf(measured) }),
    },
    shutdown: async () => {
      const flushed = Promise.allSettled([tracerProvider.shutdown(), meterProvider?.shutdown()]);
      await within<unknown>(flushed, flushMs, () => undefined);
      unregister();
    },
  };
};
