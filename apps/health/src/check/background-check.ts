import { setTimeout as delay } from 'node:timers/promises';
import { logRow, logVerdict, type CheckLog } from './log-report.ts';
import type { CheckReport } from './report.ts';
import type { RowResult } from './result.ts';
import type { SharedCheck, SharedResult } from './shared-check.ts';
import { tellStatus } from './status-gauge.ts';

/** The check while it runs: what is known so far. */
export interface RunningCheck extends Pick<
  CheckReport,
  'passed' | 'warned' | 'failed' | 'skipped' | 'rows'
> {
  readonly verdict: 'running';
}

/** What is known of the check, and by whose run. */
export interface FinishedCheck extends CheckReport {
  readonly from: SharedResult['from'];
}

export interface BackgroundCheckOptions {
  readonly check: Pick<SharedCheck, 'run' | 'last'>;
  readonly log: CheckLog;
  /** Wait before a check that could not run is tried again. */
  readonly againMs?: number;
  /** How often to look whether another process has found something newer. */
  readonly lookEveryMs?: number;
}

/**
 * Runs the check beside everything else, or takes the result of another process, tells the log, and remembers it: what is served
 * about the check is read from here and costs the vendor nothing. A check that could not run (no Redis, no fetcher, no permit) is
 * tried again; what any process finds later is taken over; a failed one is repeated once nobody keeps its result any more.
 */
export class BackgroundCheck {
  readonly #options: Required<BackgroundCheckOptions>;
  readonly #abandoned = new AbortController();
  #rows: RowResult[] = [];
  #found: FinishedCheck | undefined;

  constructor(options: BackgroundCheckOptions) {
    this.#options = { againMs: 60_000, lookEveryMs: 30_000, ...options };
  }

  /** Resolves when the check has run; never rejects. Nobody needs to wait for it. */
  async run(): Promise<void> {
    const { log, againMs } = this.#options;
    log.info({ event: 'check.begin' }, 'start check: asking through the queue');
    await this.#runOnce();
    while (this.#found?.obstacle !== undefined && (await this.#wait(againMs))) {
      await this.#runOnce();
    }
    void this.#follow();
  }

  /** The process stops: what rows still meet is not worth a line. */
  abandon(): void {
    this.#abandoned.abort();
  }

  get state(): FinishedCheck | RunningCheck {
    if (this.#found) return this.#found;
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

  async #runOnce(): Promise<void> {
    const { check, log } = this.#options;
    const isFirst = this.#found === undefined;
    this.#rows = [];
    const result = await check.run({
      onEnd: (row) => {
        this.#rows.push(row);
        if (isFirst && !this.#abandoned.signal.aborted) logRow(log, row);
      },
    });
    this.#take(result, isFirst && result.from === 'own-run');
  }

  /** Newer results of others, and our own once a failure is no longer kept: it may have been mended. */
  async #follow(): Promise<void> {
    const { check, lookEveryMs } = this.#options;
    while (await this.#wait(lookEveryMs)) {
      // With Redis away there is nothing newer, and nothing can be asked.
      const last = await check.last().catch(() => null);
      if (last === null) continue;
      if (last === undefined) {
        if (this.#found?.verdict === 'fail') await this.#runOnce();
      } else if (last.report.startedAt !== this.#found?.startedAt) this.#take(last, false);
    }
  }

  #take(result: SharedResult, rowsAreLogged: boolean): void {
    const { log } = this.#options;
    const { report, from } = result;
    // The same obstacle again is no news.
    const isNews = this.#found === undefined || report.obstacle === undefined;
    this.#found = { ...report, from };
    if (from !== 'own-run') for (const row of report.rows) tellStatus(row);
    if (this.#abandoned.signal.aborted || !isNews) return;
    if (!rowsAreLogged) for (const row of report.rows) logRow(log, row);
    logVerdict(log, result);
  }

  /** False when the process stops. */
  async #wait(ms: number): Promise<boolean> {
    const { signal } = this.#abandoned;
    await delay(ms, undefined, { signal, ref: false }).catch(() => undefined);
    return !signal.aborted;
  }
}
