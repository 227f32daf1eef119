import type { CheckReport } from './report.ts';
import type { RowResult } from './result.ts';

/** One member of `checks`, as draft-inadarei-api-health-check names its fields. `status` is left out for a skipped row. */
interface HealthCheckEntry {
  readonly componentType: 'datastore' | 'component';
  readonly observedValue: number;
  readonly observedUnit: 'ms';
  readonly status?: 'pass' | 'warn' | 'fail';
  readonly time: string;
  readonly affectedEndpoints?: readonly string[];
  readonly output?: string;
  /** The runbook, as the draft names the place for links. */
  readonly links?: { readonly runbook: string };
}

/** The report for a machine: health+json, with the whole run beside it as `startCheck`. */
export interface MachineReport {
  readonly status: CheckReport['verdict'];
  readonly serviceId: 'glasshouse-health';
  readonly version: string;
  readonly description: 'CoinGlass start check';
  readonly output?: string;
  readonly checks: Readonly<Record<string, readonly HealthCheckEntry[]>>;
  readonly startCheck: CheckReport;
}

export const machineReportOf = (report: CheckReport): MachineReport => ({
  status: report.verdict,
  serviceId: 'glasshouse-health',
  version: report.version,
  description: 'CoinGlass start check',
  ...(report.meaning.length > 0 && { output: report.meaning.join('; ') }),
  checks: checksOf(report),
  startCheck: report,
});

export const checksOf = ({ rows, finishedAt }: CheckReport): MachineReport['checks'] =>
  Object.fromEntries(rows.map((row) => [`${row.name}:responseTime`, [entryOf(row, finishedAt)]]));

const entryOf = (
  { subject, verdict, durationMs, path, detail, runbook }: RowResult,
  time: string,
): HealthCheckEntry => ({
  componentType: subject === 'redis' ? 'datastore' : 'component',
  observedValue: Math.round(durationMs),
  observedUnit: 'ms',
  ...(verdict !== 'skipped' && { status: verdict }),
  time,
  ...(path !== undefined && verdict === 'fail' && { affectedEndpoints: [path] }),
  ...(detail !== undefined && { output: detail }),
  ...(runbook !== undefined && { links: { runbook } }),
});
