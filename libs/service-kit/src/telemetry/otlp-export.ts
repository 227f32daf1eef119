import type { Resource } from '@opentelemetry/resources';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace';
import type { Mask } from '../logging/mask.ts';
import { maskedMetricExporter, maskedSpanExporter } from './masked-exporters.ts';
import type { ExportTarget, TelemetrySettings } from './telemetry-env.ts';

const connection = ({ url, headers, timeoutMs }: ExportTarget) => ({
  url,
  headers: { ...headers },
  timeoutMillis: timeoutMs,
});

/** Sends finished spans in batches from a bounded queue; when it is full, spans are dropped. */
export const spanExport = (
  target: ExportTarget,
  { size, batch, delayMs }: TelemetrySettings['spanQueue'],
  mask: Mask,
): BatchSpanProcessor =>
  new BatchSpanProcessor({
    exporter: maskedSpanExporter(new OTLPTraceExporter(connection(target)), mask),
    maxQueueSize: size,
    maxExportBatchSize: batch,
    scheduledDelayMillis: delayMs,
  });

/** Sends all metrics every `everyMs`. */
export const metricExport = (
  target: ExportTarget,
  { everyMs, resource }: { readonly everyMs: number; readonly resource: Resource },
  mask: Mask,
): MeterProvider =>
  new MeterProvider({
    resource,
    readers: [
      new PeriodicExportingMetricReader({
        exporter: maskedMetricExporter(new OTLPMetricExporter(connection(target)), mask),
        exportIntervalMillis: everyMs,
        exportTimeoutMillis: Math.min(everyMs, target.timeoutMs),
      }),
    ],
  });
