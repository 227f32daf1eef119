import { metrics } from '@opentelemetry/api';
import type { RowResult } from './result.ts';

const values = { pass: 0, warn: 1, fail: 2 } as const;

/** Tells the metric what a row showed: 0 pass, 1 warn, 2 fail. A skipped row keeps what it last showed. */
export const tellStatus = ({ name, verdict }: Pick<RowResult, 'name' | 'verdict'>): void => {
  if (verdict === 'skipped') return;
  metrics
    .getMeter('@glasshouse/health')
    .createGauge('coinglass.health.status', { unit: '1' })
    .record(values[verdict], { check: name });
};
