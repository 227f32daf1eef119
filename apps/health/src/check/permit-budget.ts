import { failures } from '@glasshouse/coinglass-client';
import type { RowResult } from './result.ts';
import type { Row } from './row.ts';

/** A run may cost this many requests: 3 % of a minute at the usual limit, whatever goes wrong. */
export const permitsPerRun = 8;

/** Sends of one request at most, by what the failures' table says of quick retries. */
const sendsByRetry = { no: 1, once: 2, yes: 3, 'pause-permitting': 3 } as const;
/** A refused interval and three coarser ones. */
const climbMax = 4;

/** How often a failed request may have been sent. */
const sendsMax = (kind: string | undefined): number => {
  // Whatever it was, it was still being tried.
  if (kind === 'deadline-passed') return sendsByRetry.yes;
  return kind !== undefined && Object.hasOwn(failures, kind)
    ? sendsByRetry[failures[kind as keyof typeof failures].quickRetry]
    : 1;
};

/** Answers tell what they cost. Failures do not: the most it can have been. */
const costMax = ({ verdict, kind, permits = 0 }: RowResult): number => {
  if (verdict !== 'fail') return permits;
  return kind === 'interval-not-available' ? climbMax : Math.max(permits, sendsMax(kind));
};

/**
 * Whether a run can still afford a row. After trouble the next request most likely meets the same and is sent as often; after a
 * long climb the next series climbs as far.
 */
export const affords = (row: Row, before: readonly RowResult[]): boolean => {
  if (row.permitsMax === 0) return true;
  const asked = before.filter(
    ({ subject, verdict }) => subject === 'request' && verdict !== 'skipped',
  );
  const spent = asked.reduce((sum, result) => sum + costMax(result), 0);
  const last = asked.at(-1);
  const retried = last?.verdict === 'fail' ? sendsMax(last.kind) : 0;
  const climbed = row.permitsMax > 1 ? asked.filter(({ interval }) => interval !== undefined) : [];
  const next = Math.max(row.permitsMax, retried, ...climbed.map(costMax));
  return spent + next <= permitsPerRun;
};
