import { version } from '../version.ts';
import type { VerifyRow } from './verify-row.ts';

/** All that a verification found. Plain data: printed and written as it is. */
export interface VerifyReport {
  readonly verdict: 'pass' | 'warn' | 'fail';
  readonly version: string;
  /** Whom it asked: the gateway's address, or `upstream`. */
  readonly asked: string;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly passed: number;
  readonly warned: number;
  readonly failed: number;
  readonly skipped: number;
  readonly rows: readonly VerifyRow[];
}

export const verifyReportOf = (
  rows: readonly VerifyRow[],
  { asked, startedAt, endedAt }: { asked: string; startedAt: number; endedAt: number },
): VerifyReport => {
  const count = (verdict: VerifyRow['verdict']): number =>
    rows.filter((row) => row.verdict === verdict).length;
  const [failed, warned] = [count('fail'), count('warn')];
  return {
    verdict: failed > 0 ? 'fail' : warned > 0 ? 'warn' : 'pass',
    ...{ version, asked },
    startedAt: new Date(startedAt).toISOString(),
    durationMs: endedAt - startedAt,
    ...{ passed: count('pass'), warned, failed, skipped: count('skipped'), rows },
  };
};

const couldNotAsk: readonly unknown[] = ['not-taken', 'store-unavailable', 'queue-full'];

/** 0 passed or warned, 1 failed, 3 when nothing at all could be asked. */
export const verifyExitCode = ({ verdict, rows }: VerifyReport): 0 | 1 | 3 => {
  const asked = rows.filter((row) => row.verdict !== 'skipped');
  if (asked.length === 0 || asked.every(({ kind }) => couldNotAsk.includes(kind))) return 3;
  return verdict === 'fail' ? 1 : 0;
};
