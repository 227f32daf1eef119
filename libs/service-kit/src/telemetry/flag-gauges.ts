import { metrics } from '@opentelemetry/api';

/** Where a process's flags come from, as the gauges need it. */
export interface FlagsInForce {
  readonly version?: number;
  /** Since Redis could last be asked; absent while it can. */
  readonly staleForMs?: number;
}

/**
 * Tells telemetry which version of the flags is in force in this process (0: the file's defaults) and for how long Redis could not be asked
 * for a newer one. Gives a function that ends it.
 */
export const createFlagGauges = (source: () => FlagsInForce): (() => void) => {
  const meter = metrics.getMeter('@glasshouse/flags');
  const version = meter.createObservableGauge('coinglass.flags.version', {
    unit: '1',
    description: 'Version of the flags in force; 0 for the defaults',
  });
  const staleness = meter.createObservableGauge('coinglass.flags.staleness', {
    unit: 's',
    description: 'For how long Redis could not be asked for newer flags',
  });
  const observe: Parameters<typeof meter.addBatchObservableCallback>[0] = (result) => {
    const inForce = source();
    result.observe(version, inForce.version ?? 0);
    result.observe(staleness, (inForce.staleForMs ?? 0) / 1_000);
  };
  meter.addBatchObservableCallback(observe, [version, staleness]);
  return () => meter.removeBatchObservableCallback(observe, [version, staleness]);
};
