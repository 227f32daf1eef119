import type { FailureRecord } from '@glasshouse/coinglass-client';
import { isOver, type Backfill, type BackfillPage, type Gap } from '@glasshouse/fetch-queue';
import type { BackfillAsk } from './backfill-ask.ts';

/** What a backfill will take; known before anything is spent. Times in epoch ms. */
export interface Quote {
  readonly asked: BackfillAsk['asked'];
  readonly endpoint: string;
  readonly params: BackfillAsk['params'];
  readonly interval: string;
  readonly from: number;
  readonly to: number;
  readonly candles: number;
  /** Exact, but for retries. */
  readonly requests: number;
  readonly clipped?: BackfillAsk['plan']['clipped'] & object;
  readonly openUntil?: number;
  /** Requests of others that go before its last one. */
  readonly ahead: number;
  readonly requestsPerMinute: number;
  readonly durationMs: number;
  readonly finishAt: number;
}

export const linksOf = (id: string) => ({
  self: `/v1/backfills/${id}`,
  events: `/v1/backfills/${id}/events`,
  data: `/v1/backfills/${id}/data`,
  gaps: `/v1/backfills/${id}/gaps`,
});

/** A backfill as its team sees it: nothing of the vendor's own words. */
export const backfillView = (backfill: Backfill, now: number, etaAt: number | undefined) => {
  const { order, failure, waiting, done, lost, state } = backfill;
  const { plan } = order;
  const { startedAt, lastPageAt, endedAt } = backfill;
  return {
    id: order.id,
    state,
    asked: order.asked,
    endpoint: order.endpoint,
    params: order.params,
    interval: plan.interval,
    from: plan.from,
    to: plan.to,
    candles: plan.candles,
    ...(plan.clipped && { clipped: plan.clipped }),
    ...(plan.openUntil !== undefined && { openUntil: plan.openUntil }),
    pages: { total: plan.pages, done, lost },
    rows: backfill.rows,
    permits: backfill.permits,
    bytes: backfill.bytes,
    createdAt: order.createdAt,
    ...(startedAt !== undefined && { startedAt }),
    ...(lastPageAt !== undefined && { lastPageAt }),
    ...(endedAt !== undefined && { endedAt }),
    ...(etaAt !== undefined && { etaAt }),
    ...(waiting && !isOver(state) && waiting.until > now && { waiting }),
    ...(failure && { failure: failureView(failure) }),
    links: linksOf(order.id),
  };
};

export type BackfillView = ReturnType<typeof backfillView>;

/** What is missing and why, and what was put right: complete once the backfill is over. */
export const gapsView = (
  { order, state }: Backfill,
  pages: ReadonlyMap<number, BackfillPage>,
  gaps: readonly Gap[],
) => {
  const stored = [...pages.values()].filter((page) => page.state === 'done');
  const sum = (of: 'repeated' | 'conflicting' | 'strayed'): number =>
    stored.reduce((total, page) => total + page[of], 0);
  const openFrom = stored.find((page) => page.openFrom !== undefined)?.openFrom;
  return {
    id: order.id,
    state,
    complete: isOver(state),
    candles: gaps.reduce((total, gap) => total + gap.candles, 0),
    gaps: gaps.map((gap) => ({
      ...gap,
      fromIso: new Date(gap.from).toISOString(),
      toIso: new Date(gap.to).toISOString(),
    })),
    ...(openFrom !== undefined && { openFrom }),
    sources: [...new Set(stored.map(({ source }) => source))],
    repeated: sum('repeated'),
    conflicting: sum('conflicting'),
    strayed: sum('strayed'),
    newFields: [...new Set(stored.flatMap(({ newFields }) => newFields))],
  };
};

export type GapsView = ReturnType<typeof gapsView>;

const failureView = ({ kind, detail, errors }: FailureRecord) => ({
  kind,
  detail,
  ...(errors && { errors }),
});
