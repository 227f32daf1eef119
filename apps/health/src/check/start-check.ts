import {
  context,
  isSpanContextValid,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
} from '@opentelemetry/api';
import { judgeThrown } from './judge.ts';
import { affords, permitsPerRun } from './permit-budget.ts';
import { afterTrouble, mayPass } from './second-ask.ts';
import { reportOf, type CheckReport } from './report.ts';
import type { Finding, RowResult } from './result.ts';
import { runbookOf } from './runbooks.ts';
import { tellStatus } from './status-gauge.ts';
import type { Patience, Row, RowTools } from './row.ts';
import { version } from '../version.ts';

const scope = '@glasshouse/health';

export interface StartCheckOptions extends Omit<RowTools, 'patience' | 'now' | 'before'> {
  readonly rows: readonly Row[];
  readonly patience: Patience;
  /** For the first request, which may have to wait for a fetcher to start and for the limiter to open. */
  readonly firstPatience?: Patience;
  readonly now?: () => number;
}

/** Told as the run goes on: what is being asked, and what came of it. */
export interface Progress {
  readonly onBegin?: (row: Row) => void;
  readonly onEnd?: (result: RowResult) => void;
}

export interface RunTerms extends Progress {
  /** Names of rows; absent: all. */
  readonly only?: readonly string[];
  /** Instead of looking: Redis is known to be away, for this reason. */
  readonly redisAway?: Error;
}

/**
 * Runs the rows one after another, never two runs at a time in one process, and makes the report. One root span a run, one
 * child a row, under which its job is sent. What a row asks and how it judges is the row's.
 */
export class StartCheck {
  readonly #options: StartCheckOptions & { readonly now: () => number };
  readonly #tracer = trace.getTracer(scope);
  #running: Promise<CheckReport> | undefined;

  constructor(options: StartCheckOptions) {
    this.#options = { now: Date.now, ...options };
  }

  /** Joins the run under way, if there is one. Never rejects for what a row met. */
  run(terms: RunTerms = {}): Promise<CheckReport> {
    this.#running ??= this.#run(terms).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #run({ only, redisAway, ...progress }: RunTerms): Promise<CheckReport> {
    const { now } = this.#options;
    const rows = this.#options.rows.filter(({ name }) => only?.includes(name) ?? true);
    const startedAtMs = now();
    const root = this.#tracer.startSpan('start check', { attributes: synthetic });
    const within = trace.setSpan(context.active(), root);
    const results: RowResult[] = [];
    for (const [index, row] of rows.entries()) {
      progress.onBegin?.(row);
      const result = await this.#runRow(row, results, {
        ...{ within, redisAway },
        left: rows.slice(index + 1).filter(({ permitsMax }) => permitsMax > 0).length,
      });
      results.push(result);
      tellStatus(result);
      progress.onEnd?.(result);
    }
    const report = reportOf(results, {
      startedAtMs,
      finishedAtMs: now(),
      version,
      ...traceIdOf(root),
    });
    root.setAttribute('coinglass.check.verdict', report.verdict);
    if (report.verdict === 'fail') {
      root.setStatus({ code: SpanStatusCode.ERROR, message: report.meaning.join('; ') });
    }
    root.end();
    return report;
  }

  async #runRow(
    row: Row,
    before: readonly RowResult[],
    { within, redisAway, left }: RowRun,
  ): Promise<RowResult> {
    const { patience, firstPatience = patience, now, ...tools } = this.#options;
    const facts = { name: row.name, subject: row.subject };
    const reason = reasonToSkip(row, before);
    if (reason !== undefined)
      return { ...facts, verdict: 'skipped', detail: reason, durationMs: 0 };

    const isFirstRequest = before.every(({ subject }) => !asksTheFetcher.has(subject));
    const span = this.#tracer.startSpan(`check ${row.name}`, { attributes: synthetic }, within);
    const startedAtMs = now();
    const ask = () =>
      runSafely(row, {
        ...tools,
        ...(redisAway && { inspectRedis: () => Promise.reject(redisAway) }),
        now,
        before,
        patience: isFirstRequest ? firstPatience : patience,
      });
    const finding = await context.with(trace.setSpan(within, span), async () => {
      const first = await ask();
      const asFailed = { ...first, ...facts, durationMs: 0 };
      // One request for each row that is left stays free.
      const again = mayPass(first, row.subject) && affords(row, [...before, asFailed], left);
      return again ? afterTrouble(first, await ask()) : first;
    });
    const runbook = runbookOf(finding, row.subject);
    const result = {
      ...finding,
      ...facts,
      durationMs: now() - startedAtMs,
      ...traceIdOf(span),
      ...(runbook !== undefined && { runbook }),
    };
    endRowSpan(span, result);
    return result;
  }
}

interface RowRun {
  readonly within: Context;
  readonly redisAway: Error | undefined;
  /** Rows after this one that cost a request. */
  readonly left: number;
}

/** Rows for which a fetcher must be there. */
const asksTheFetcher: ReadonlySet<RowResult['subject']> = new Set(['request', 'stream']);

const synthetic = { 'user_agent.synthetic.type': 'test' } as const;

/** A row that throws is a bug of ours, and still only one row. */
const runSafely = async (row: Row, tools: RowTools): Promise<Finding> => {
  try {
    return await row.run(tools);
  } catch (thrown) {
    return judgeThrown({ path: row.name, params: {} }, thrown);
  }
};

const reasonToSkip = (row: Row, before: readonly RowResult[]): string | undefined => {
  if (before.some(({ kind }) => kind === 'store-unavailable')) return 'not asked: Redis is away';
  if (asksTheFetcher.has(row.subject) && before.some(({ kind }) => kind === 'not-taken')) {
    return 'not asked: no fetcher takes jobs';
  }
  // It has been asked twice, with the pause between that CoinGlass wants; asking on would only make it worse.
  if (row.subject === 'request' && before.some(({ kind }) => kind === 'upstream-throttled')) {
    return 'not asked: CoinGlass throttles us';
  }
  return affords(row, before)
    ? undefined
    : `not asked: the ${permitsPerRun} requests of a check may be used up`;
};

const traceIdOf = (span: Span): { traceId?: string } => {
  const spanContext = span.spanContext();
  return isSpanContextValid(spanContext) ? { traceId: spanContext.traceId } : {};
};

const endRowSpan = (span: Span, { verdict, kind, detail, permits, runbook }: RowResult): void => {
  span.setAttribute('coinglass.check.verdict', verdict);
  if (permits !== undefined) span.setAttribute('coinglass.permits', permits);
  if (runbook !== undefined) span.setAttribute('coinglass.check.runbook', runbook);
  if (verdict === 'fail') {
    if (kind !== undefined) span.setAttribute('error.type', kind);
    span.setStatus({
      code: SpanStatusCode.ERROR,
      ...(detail !== undefined && { message: detail }),
    });
  }
  span.end();
};
