import type { Attributes, Link } from '@opentelemetry/api';
import type { PushMetricExporter, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { Mask } from '../logging/mask.ts';
import { maskedValue } from '../logging/masked-value.ts';

/**
 * Texts are cut here, after the masking, and not by the SDK's span limits: those cut when an attribute is set,
 * and half a secret is not recognised any more.
 */
const longestText = 4_096;

const masker = (mask: Mask) => {
  const text = (value: string): string => {
    const masked = mask(value);
    return masked.length > longestText ? `${masked.slice(0, longestText)}…` : masked;
  };
  // Attributes may hold maps, lists and bytes of any depth.
  const attributes = (given: Attributes): Attributes => maskedValue(given, text) as Attributes;
  return { text, attributes };
};

/** Passes spans on with every name, attribute, event, link and status text masked. */
export const maskedSpanExporter = (exporter: SpanExporter, mask: Mask): SpanExporter => {
  const { text, attributes } = masker(mask);
  const masked = (span: ReadableSpan): ReadableSpan => {
    const { status } = span;
    const own: Partial<ReadableSpan> = {
      name: text(span.name),
      attributes: attributes(span.attributes),
      status: status.message === undefined ? status : { ...status, message: text(status.message) },
      events: span.events.map((event) => ({
        ...event,
        name: text(event.name),
        ...(event.attributes && { attributes: attributes(event.attributes) }),
      })),
      links: span.links.map((link): Link => ({
        ...link,
        ...(link.attributes && { attributes: attributes(link.attributes) }),
      })),
    };
    // The rest (ids, times, resource) is read from the span itself.
    return Object.create(span, Object.getOwnPropertyDescriptors(own)) as ReadableSpan;
  };
  return {
    export: (spans, done) => exporter.export(spans.map(masked), done),
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  };
};

/** Passes metrics on with every label masked. */
export const maskedMetricExporter = (
  exporter: PushMetricExporter,
  mask: Mask,
): PushMetricExporter => {
  const { attributes } = masker(mask);
  const masked = ({ resource, scopeMetrics }: ResourceMetrics): ResourceMetrics => ({
    resource,
    scopeMetrics: scopeMetrics.map(({ scope, metrics }) => ({
      scope,
      metrics: metrics.map((metric) => ({
        ...metric,
        dataPoints: metric.dataPoints.map((point) => ({
          ...point,
          attributes: attributes(point.attributes),
        })),
      })) as typeof metrics,
    })),
  });
  return {
    export: (metrics, done) => exporter.export(masked(metrics), done),
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
    ...(exporter.selectAggregationTemporality && {
      selectAggregationTemporality: (type) => exporter.selectAggregationTemporality!(type),
    }),
    ...(exporter.selectAggregation && {
      selectAggregation: (type) => exporter.selectAggregation!(type),
    }),
  };
};
