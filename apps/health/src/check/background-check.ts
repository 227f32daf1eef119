import { setTimeout as delay } from 'node:timers/promises';
import { logRow, logVerdict, type CheckLog } from './log-report.ts';
import type { CheckReport } from './report.ts';
import type { RowResult } from './result.ts';
import type { StartCheck } from './start-check.ts';

/** The check while it runs: what is known so far. */
export interface RunningCheck extends Pick<
  CheckReport,
  'passed' | 'warned' | 'failed' | 'skipped' | 'rows'
> {
  readonly verdict: 'running';
}

export interface BackgroundCheckOptions {
  readonly check: StartCheck;
  readonly log: CheckLog;
  /** Wait before a check that could not run is tried again. */
  readonly againMs?: number;
}

/**
 * Runs the check once beside everything else, tells the log, and remembers the result: what is served about the check is read
 * from here and costs the vendor nothing. A check that could not run (no Redis, no fetcher, no permit) is tried again.
 */
export class BackgroundCheck {
  readonly #options: Required<BackgroundCheckOptions>;
  readonly #abandoned = new AbortController();
  #rows: RowResult[] = [];
  #report: CheckReport | undefined;

  constructor(options: BackgroundCheckOptions) {
    this.#options = { againMs: 60_000, ...options };
  }

  /** Resolves when the check has run; never rejects. Nobody needs to wait for it. */
  async run(): Promise<void> {
    const { log, againMs } = this.#options;
    const { signal } = this.#abandoned;
    log.info({ event: 'check.begin' }, 'start check: asking through the queue');
    while (!signal.aborted) {
      this.#report = await this.#runOnce();
      if (this.#report.obstacle === undefined) return;
      await delay(againMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  /** The process stops: what rows still meet is not worth a line. */
  abandon(): void {
    this.#abandoned.abort();
  }

  get state(): CheckReport | RunningCheck {
    if (this.#report) return this.#report;
    const rows = [...this.#rows];
    const count = (verdict: RowResult['verdict']): number =>
      rows.filter((row) => row.verdict === verdict).length;
    return {
      verdict: 'running',
      passed: count('pass'),
      warned: count('warn'),
      failed: count('fail'),
      skipped: count('skipped'),
      rows,
    };
  }

  async #runOnce(): Promise<CheckReport> {
    const { check, log } = this.#options;
    const isFirst = this.#report === undefined;
    this.#rows = [];
    const report = await check.run({
      onEnd: (row) => {
        this.#rows.push(row);
        if (isFirst && !this.#abandoned.signal.aborted) logRow(log, row);
      },
    });
    if (this.#abandoned.signal.aborted) return report;
    // The same obstacle again is no news.
    if (!isFirst && report.obstacle !== undefined) return report;
    if (!isFirst) for (const row of report.rows) logRow(log, row);
    logVerdict(log, report);
    return report;
  }
}
