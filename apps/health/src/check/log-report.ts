import type { RowResult, RowVerdict } from './result.ts';
import type { SharedResult } from './shared-check.ts';
import { verdictLine } from './table.ts';

type Write = (fields: object, message: string) => void;

/** As much of a logger as is needed here. */
export interface CheckLog {
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
}

const levels = {
  pass: 'info',
  warn: 'warn',
  fail: 'error',
  skipped: 'info',
} as const satisfies Record<RowVerdict, keyof CheckLog>;

/** One line a row, with all that is needed to act on a failed one. */
export const logRow = (log: CheckLog, row: RowResult): void => {
  const { name, verdict, traceId, kind, path, params, status, code, detail, runbook } = row;
  log[levels[verdict]](
    {
      event: 'check.row',
      row: name,
      verdict,
      kind,
      path,
      params,
      status,
      error_code: code,
      detail,
      fallback: row.fallback,
      permits: row.permits,
      dur_ms: Math.round(row.durationMs),
      body_snippet: row.snippet,
      source: row.source,
      runbook,
      trace_id: traceId,
    },
    `start check: ${name} ${verdict}${detail === undefined ? '' : `, ${detail}`}`,
  );
};

/** The last line of a run: counts, cost, and what it means. */
export const logVerdict = (log: CheckLog, { report, from, ageMs }: SharedResult): void => {
  const { verdict, obstacle, permits, source, durationMs, traceId, meaning } = report;
  const { passed, warned, failed, skipped } = report;
  log[levels[verdict]](
    {
      event: 'check.verdict',
      verdict,
      from,
      age_ms: ageMs,
      obstacle,
      passed,
      warned,
      failed,
      skipped,
      permits,
      source,
      dur_ms: durationMs,
      trace_id: traceId,
    },
    ['start check:', verdictLine(report), ...meaning.map((sentence) => `- ${sentence}`)].join(' '),
  );
};
