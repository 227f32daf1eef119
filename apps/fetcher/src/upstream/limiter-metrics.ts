import type { RateLimiter, RateLimiterEvent } from '@glasshouse/rate-limiter';
import { metrics } from '@opentelemetry/api';

export interface LimiterMetrics {
  /** To be told each event of the limiter. */
  count(event: RateLimiterEvent): void;
  /** To be told how long each permit was waited for. */
  waited(facts: { readonly permitWaitMs: number; readonly lane: string }): void;
  stop(): void;
}

/**
 * The limit as the house keeps it: what is taken of it, by team; refusals by cause; requests of strangers; how long permits take.
 * All fetchers of a Redis tell the same of the shared state. Reading it costs one look into Redis per export, and no request.
 */
export const createLimiterMetrics = (limiter: Pick<RateLimiter, 'status'>): LimiterMetrics => {
  const meter = metrics.getMeter('@glasshouse/fetcher');
  const throttled = meter.createCounter('coinglass.throttled', {
    unit: '{request}',
    description: 'Requests that CoinGlass throttled, by cause',
  });
  const foreign = meter.createCounter('coinglass.quota.foreign', {
    unit: '{request}',
    description: 'Requests that somebody else sent with the vendor key',
  });
  const waits = meter.createHistogram('coinglass.permit.wait.duration', {
    unit: 's',
    description: 'How long permits were waited for',
  });
  const used = meter.createObservableGauge('coinglass.permits.used', {
    unit: '{request}',
    description: 'Slots of the limit that are taken, by team',
  });
  const limit = meter.createObservableGauge('coinglass.permits.limit', {
    unit: '{request}',
    description: 'Requests per window, as in force',
  });
  const observe: Parameters<typeof meter.addBatchObservableCallback>[0] = async (result) => {
    try {
      const status = await limiter.status();
      result.observe(limit, status.limit);
      for (const [team, slots] of Object.entries(status.teams)) {
        result.observe(used, slots, { 'coinglass.team': team });
      }
    } catch {
      // Without Redis there is nothing to tell; its own check says so.
    }
  };
  meter.addBatchObservableCallback(observe, [used, limit]);
  return {
    count(event) {
      if (event.kind === 'throttled') throttled.add(1, { cause: event.cause });
      if (event.kind === 'foreign-use') foreign.add(event.requests);
    },
    waited: ({ permitWaitMs, lane }) =>
      waits.record(permitWaitMs / 1_000, { 'coinglass.lane': lane }),
    stop: () => meter.removeBatchObservableCallback(observe, [used, limit]),
  };
};
