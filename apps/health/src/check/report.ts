import { interpret } from './interpretation.ts';
import type { RowResult } from './result.ts';

/** Why the check could not find out anything about the vendor. */
export type Obstacle = 'redis-away' | 'no-fetcher' | 'no-permit';

/** Everything one run found. Plain data: it is served, printed and logged as it is. */
export interface CheckReport {
  readonly verdict: 'pass' | 'warn' | 'fail';
  /** Of the process that ran it. */
  readonly version: string;
  readonly obstacle?: Obstacle;
  /** What it means, in sentences; empty when all is well. */
  readonly meaning: readonly string[];
  readonly passed: number;
  readonly warned: number;
  readonly failed: number;
  readonly skipped: number;
  /** Requests to the vendor. A failed row tells the least it can have cost, and so does the sum then. */
  readonly permits: number;
  readonly permitsExact: boolean;
  /** Where the data came from: `coinglass`, `custom`, `sandbox`; absent when nothing answered. */
  readonly source?: string;
  /** ISO times. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly durationMs: number;
  readonly traceId?: string;
  readonly rows: readonly RowResult[];
}

export interface RunFacts {
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
  readonly version: string;
  readonly traceId?: string;
}

export const reportOf = (
  rows: readonly RowResult[],
  { startedAtMs, finishedAtMs, version, traceId }: RunFacts,
): CheckReport => {
  const count = (verdict: RowResult['verdict']): number =>
    rows.filter((row) => row.verdict === verdict).length;
  const failed = count('fail');
  const warned = count('warn');
  const obstacle = obstacleIn(rows);
  return {
    verdict: failed > 0 ? 'fail' : warned > 0 ? 'warn' : 'pass',
    version,
    ...(obstacle !== undefined && { obstacle }),
    meaning: interpret(rows),
    passed: count('pass'),
    warned,
    failed,
    skipped: count('skipped'),
    permits: rows.reduce((sum, { permits = 0 }) => sum + permits, 0),
    permitsExact: rows.every(isCostKnown),
    ...sourceOf(rows),
    startedAt: new Date(startedAtMs).toISOString(),
    finishedAt: new Date(finishedAtMs).toISOString(),
    durationMs: finishedAtMs - startedAtMs,
    ...(traceId !== undefined && { traceId }),
    rows,
  };
};

const sourceOf = (rows: readonly RowResult[]): { source?: string } => {
  const sources = new Set(rows.flatMap(({ source }) => source ?? []));
  return sources.size > 0 ? { source: [...sources].sort().join(', ') } : {};
};

const isCostKnown = ({ subject, verdict, kind }: RowResult): boolean =>
  subject !== 'request' || verdict !== 'fail' || kind === 'not-taken';

const obstacleIn = (rows: readonly RowResult[]): Obstacle | undefined => {
  if (rows.some(({ kind }) => kind === 'store-unavailable')) return 'redis-away';
  if (rows.some(({ kind }) => kind === 'not-taken')) return 'no-fetcher';
  const requests = rows.filter(
    ({ subject, verdict }) => subject === 'request' && verdict !== 'skipped',
  );
  return requests.length > 0 && requests.every(({ kind }) => kind === 'queue-full')
    ? 'no-permit'
    : undefined;
};

/** For a process that is only the check: 0 passed or warned, 1 failed (`strict`: or warned), 3 could not run. (2 is wrong use.) */
export const exitCodeOf = (
  { verdict, obstacle }: CheckReport,
  { strict }: { readonly strict: boolean },
): 0 | 1 | 3 => {
  if (obstacle !== undefined) return 3;
  return verdict === 'fail' || (strict && verdict === 'warn') ? 1 : 0;
};
