import type { RowResult } from './result.ts';
import type { Row } from './row.ts';

/** A run may cost this many requests: 3 % of a minute at the usual limit, whatever goes wrong. */
export const permitsPerRun = 8;

/**
 * The fetcher sends a probe once, and climbs one step for it. So an ask costs one request, two with an interval, and one more where
 * the fetcher may have to renew its table of instruments first.
 */
const askMax = (hasInterval: boolean, tableIsKnown: boolean): number =>
  hasInterval ? (tableIsKnown ? 2 : 3) : 1;

/** An answered request has brought the table, or has shown that it is there. */
const knowsTable = (before: readonly RowResult[]): boolean =>
  before.some(
    ({ name, interval, verdict, code }) =>
      verdict !== 'fail' &&
      code === '0' &&
      (interval !== undefined || name === 'futures/supported-exchange-pairs'),
  );

/** The most that the asks of a run can have cost: an answer tells its own cost, a failure does not. */
const spentMax = (before: readonly RowResult[]): number =>
  before.reduce((sum, { subject, verdict, interval, permits = 0, asks = 1 }, index) => {
    if (subject !== 'request' || verdict === 'skipped') return sum;
    const known = knowsTable(before.slice(0, index));
    const most = askMax(interval !== undefined, known);
    const table = interval !== undefined && !known ? 1 : 0;
    const cost = verdict === 'fail' ? asks * most : permits + table;
    return sum + cost;
  }, 0);

/** Whether a run can afford a row, be it for the first time or, with `reserve` requests left for other rows, once more. */
export const affords = (row: Row, before: readonly RowResult[], reserve = 0): boolean =>
  row.permitsMax === 0 ||
  spentMax(before) + askMax(row.permitsMax > 1, knowsTable(before)) + reserve <= permitsPerRun;
