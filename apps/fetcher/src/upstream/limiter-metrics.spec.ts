import { describe, expect, it } from '@jest/globals';
import { metrics } from '@opentelemetry/api';
import { createLimiterMetrics } from './limiter-metrics.ts';

/** Notes what is recorded, in place of an SDK. */
const recorded = (): { readonly points: unknown[][]; collect(): Promise<void> } => {
  const points: unknown[][] = [];
  const callbacks: ((result: unknown) => unknown)[] = [];
  const counter = (name: string) => ({
    name,
    add: (value: number, attributes?: unknown) => points.push([name, value, attributes]),
    record: (value: number, attributes?: unknown) => points.push([name, value, attributes]),
  });
  const meter = {
    createCounter: counter,
    createHistogram: counter,
    createObservableGauge: counter,
    addBatchObservableCallback: (callback: (result: unknown) => unknown) =>
      callbacks.push(callback),
    removeBatchObservableCallback: () => callbacks.splice(0),
  };
  metrics.setGlobalMeterProvider({ getMeter: () => meter } as never);
  const observe = ({ name }: { name: string }, value: number, attributes?: unknown) =>
    points.push([name, value, attributes]);
  return {
    points,
    collect: async () => void (await Promise.all(callbacks.map((each) => each({ observe })))),
  };
};

const status = {
  ...{ limit: 250, inUse: 43, foreign: 1, pausedForMs: 0, stateLostForMs: 0 },
  teams: { alpha: 40, house: 2 },
};

describe('the metrics of the limiter', () => {
  it('tell each refusal by its cause, strangers, waits, and what each team holds', async () => {
    const { points, collect } = recorded();
    const limits = createLimiterMetrics({ status: () => Promise.resolve(status) });
    const ledger = { own: 250, foreign: 0, limit: 250 };
    limits.count({
      ...{ kind: 'throttled', cause: 'plan-change', resumesInMs: 250 },
      ...{ team: 'alpha', lane: 'bulk', ...ledger },
    });
    limits.count({ kind: 'foreign-use', requests: 3 });
    limits.waited({ permitWaitMs: 120, lane: 'bulk' });
    await collect();
    expect(points).toEqual([
      ['coinglass.throttled', 1, { cause: 'plan-change' }],
      ['coinglass.quota.foreign', 3, undefined],
      ['coinglass.permit.wait.duration', 0.12, { 'coinglass.lane': 'bulk' }],
      ['coinglass.permits.limit', 250, undefined],
      ['coinglass.permits.used', 40, { 'coinglass.team': 'alpha' }],
      ['coinglass.permits.used', 2, { 'coinglass.team': 'house' }],
    ]);
    metrics.disable();
  });

  it('tell nothing, and break nothing, while Redis is away', async () => {
    const { points, collect } = recorded();
    createLimiterMetrics({ status: () => Promise.reject(new Error('away')) });
    await collect();
    expect(points).toEqual([]);
    metrics.disable();
  });
});
