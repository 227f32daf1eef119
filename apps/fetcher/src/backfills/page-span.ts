import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { BackfillOrder } from '@glasshouse/fetch-queue';

/** How a run of a page ended, for span and log. */
export interface PageOutcome {
  readonly outcome: string;
  /** The failure's, if one ended it. */
  readonly kind?: string;
  readonly permits?: number;
  readonly rows?: number;
  readonly because?: string;
  readonly waitMs?: number;
}

/** Runs a page in a span of its own: a backfill lasts longer than any trace should. */
export const inPageSpan = async (
  { id, endpoint }: BackfillOrder,
  run: () => Promise<PageOutcome>,
): Promise<PageOutcome> =>
  trace.getTracer('@glasshouse/fetcher').startActiveSpan(
    'process backfill page',
    {
      kind: SpanKind.CONSUMER,
      attributes: {
        'coinglass.operation': endpoint,
        'coinglass.lane': 'bulk',
        'coinglass.backfill': id,
      },
    },
    async (span) => {
      try {
        const ended = await run();
        span.setAttribute('coinglass.outcome', ended.outcome);
        if (ended.kind !== undefined) {
          span.setAttribute('error.type', ended.kind);
          span.setStatus({ code: SpanStatusCode.ERROR });
        }
        return ended;
      } finally {
        span.end();
      }
    },
  );
