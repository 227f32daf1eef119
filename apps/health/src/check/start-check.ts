import {
  context,
  isSpanContextValid,
  metrics,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
} from '@opentelemetry/api';
import { judgeThrown } from './judge.ts';
import { affords, permitsPerRun } from './permit-budget.ts';
import { reportOf, type CheckReport } from './report.ts';
import type { Finding, RowResult } from './result.ts';
import type { Patience, Row, RowTools } from './row.ts';

const scope = '@glasshouse/health';

export interface StartCheckOptions extends Omit<RowTools, 'patience' | 'now'> {
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

/**
 * Runs the rows one after another, never two runs at a time in one process, and makes the report. One root span a run, one
 * child a row, under which its job is sent. What a row asks and how it judges is the row's.
 */
export class StartCheck {
  readonly #options: StartCheckOptions & { readonly now: () => number };
  readonly #tracer = trace.getTracer(scope);
  /** 0 pass, 1 warn, 2 fail, by row; a skipped row keeps what it last showed. */
  readonly #status = metrics.getMeter(scope).createGauge('coinglass.health.status', { unit: '1' });
  #running: Promise<CheckReport> | undefined;

  constructor(options: StartCheckOptions) {
    this.#options = { now: Date.now, ...options };
  }

  /** Joins the run under way, if there is one. Never rejects for what a row met. */
  run(progress: Progress = {}): Promise<CheckReport> {
    this.#running ??= this.#run(progress).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #run(progress: Progress): Promise<CheckReport> {
    const { rows, now } = this.#options;
    const startedAtMs = now();
    const root = this.#tracer.startSpan('start check', { attributes: synthetic });
    const within = trace.setSpan(context.active(), root);
    const results: RowResult[] = [];
    for (const row of rows) {
      progress.onBegin?.(row);
      const result = await this.#runRow(row, results, within);
      results.push(result);
      this.#record(result);
      progress.onEnd?.(result);
    }
    const report = reportOf(results, {
      startedAtMs,
      finishedAtMs: now(),
      ...traceIdOf(root),
    });
    root.setAttribute('coinglass.check.verdict', report.verdict);
    if (report.verdict === 'fail') {
      root.setStatus({ code: SpanStatusCode.ERROR, message: report.meaning.join('; ') });
    }
    root.end();
    return report;
  }

  async #runRow(row: Row, before: readonly RowResult[], within: Context): Promise<RowResult> {
    const { patience, firstPatience = patience, now, ...tools } = this.#options;
    const facts = { name: row.name, subject: row.subject };
    const reason = reasonToSkip(row, before);
    if (reason !== undefined)
      return { ...facts, verdict: 'skipped', detail: reason, durationMs: 0 };

    const isFirstRequest =
      row.subject !== 'redis' && before.every(({ subject }) => subject === 'redis');
    const span = this.#tracer.startSpan(`check ${row.name}`, { attributes: synthetic }, within);
    const startedAtMs = now();
    const finding = await context.with(trace.setSpan(within, span), () =>
      runSafely(row, {
        ...tools,
        now,
        patience: isFirstRequest ? firstPatience : patience,
      }),
    );
    const result = { ...finding, ...facts, durationMs: now() - startedAtMs, ...traceIdOf(span) };
    endRowSpan(span, result);
    return result;
  }

  #record({ name, verdict }: RowResult): void {
    if (verdict === 'skipped') return;
    this.#status.record({ pass: 0, warn: 1, fail: 2 }[verdict], { check: name });
  }
}

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
  if (before.some(({ kind }) => kind === 'not-taken')) return 'not asked: no fetcher takes jobs';
  // A throttled job has been sent again and again until its deadline; asking on would only make it worse.
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

const endRowSpan = (span: Span, { verdict, kind, detail, permits }: RowResult): void => {
  span.setAttribute('coinglass.check.verdict', verdict);
  if (permits !== undefined) span.setAttribute('coinglass.permits', permits);
  if (verdict === 'fail') {
    if (kind !== undefined) span.setAttribute('error.type', kind);
    span.setStatus({
      code: SpanStatusCode.ERROR,
      ...(detail !== undefined && { message: detail }),
    });
  }
  span.end();
};
