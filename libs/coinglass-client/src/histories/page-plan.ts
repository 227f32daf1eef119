import { historyDepthMs, type Plan } from '../catalogue/plans.ts';
import { invalidRequest } from '../catalogue/params.ts';
import { hasKnownBoundaries, intervalMs, openingAtOrAfter } from '../intervals/boundaries.ts';
import type { Interval } from '../intervals/ladder.ts';

/** The vendor's most rows in one answer. */
export const pageRowsMax = 1_000;
/** Five years of 1m candles take 2,629 pages. */
export const pagesMax = 5_000;

/** From the first opening (included) to the end (excluded), epoch ms. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A history cut into pages of at most 1000 candles, each one request. Page `n` is `pageAt(plan, n)`. */
export interface PagePlan extends Span {
  readonly interval: Interval;
  readonly pages: number;
  /** Candles that open in the span; for weeks, whose openings are unknown, at most so many. */
  readonly candles: number;
  /** Present when the plan does not see back to the asked start. */
  readonly clipped?: Clipped;
  /** Epoch ms when the last candle closes; present while it still runs, so that its figures are not final. */
  readonly openUntil?: number;
}

export interface Clipped {
  /** The asked start, epoch ms. */
  readonly askedFrom: number;
  /** Candles that are left out for it. */
  readonly candles: number;
  readonly plan: Plan;
  readonly depthDays: number;
}

export interface HistoryAsk {
  readonly interval: Interval;
  /** Epoch ms, included; moves up to the next opening. */
  readonly from: number;
  /** Epoch ms, excluded; a later one than now is now. */
  readonly to: number;
  readonly plan: Plan;
  readonly now: number;
}

/** As range.ts: no exchange had a perpetual before. */
const earliestMs = Date.UTC(2010, 0, 1);

/**
 * Cuts a history into pages, oldest first, at openings, so that each candle is in exactly one. What the plan cannot see is left out
 * and told. Costs nothing.
 * @throws Failure `invalid-request` naming `from` or `to`
 */
export const planPages = ({ interval, from, to, plan, now }: HistoryAsk): PagePlan => {
  const lengthMs = intervalMs[interval];
  checkTimes(from, to, now);
  const end = openingOf(Math.min(to, now), interval);
  const asked = openingOf(from, interval);
  const depthMs = historyDepthMs(plan, interval);
  const start = Math.max(asked, openingOf(Math.max(now - depthMs, earliestMs), interval));
  if (end <= start) throw nothingLeft({ asked, start, end }, interval, plan);
  const candles = Math.ceil((end - start) / lengthMs);
  const pages = Math.ceil(candles / pageRowsMax);
  if (pages > pagesMax) throw tooLong(pages, start, interval);
  // A week that has begun is not over for at least as long as it may have begun a moment ago.
  const lastCloses = hasKnownBoundaries(interval) ? end : end + lengthMs - 1;
  return {
    interval,
    from: start,
    to: end,
    pages,
    candles,
    ...(start > asked && {
      clipped: {
        askedFrom: asked,
        candles: Math.ceil((start - asked) / lengthMs),
        plan,
        depthDays: depthMs / intervalMs['1d'],
      },
    }),
    ...(lastCloses > now && { openUntil: lastCloses }),
  };
};

/** The span of page `index`, from 0. */
export const pageAt = (
  { from, to, interval }: Pick<PagePlan, 'from' | 'to' | 'interval'>,
  index: number,
): Span => {
  const pageMs = pageRowsMax * intervalMs[interval];
  const start = from + index * pageMs;
  return { from: start, to: Math.min(to, start + pageMs) };
};

/** The vendor's range parameters for a page. */
export const pageParams = (
  { from, to }: Span,
  interval: Interval,
): Readonly<Record<'end_time' | 'interval' | 'limit' | 'start_time', string>> => ({
  end_time: String(to),
  interval,
  limit: String(Math.ceil((to - from) / intervalMs[interval])),
  start_time: String(from),
});

/** The vendor cuts sub-seconds off; where openings are unknown nothing else can be said of them. */
const openingOf = (atMs: number, interval: Interval): number =>
  openingAtOrAfter(Math.floor(atMs / 1_000) * 1_000, interval);

const checkTimes = (from: number, to: number, now: number): void => {
  if (from < earliestMs) {
    throw invalidRequest([{ field: 'from', message: 'must not be before 2010-01-01' }]);
  }
  if (from > now) {
    throw invalidRequest([
      { field: 'from', message: `must not be in the future; it is ${isoOf(now)} now` },
    ]);
  }
  if (to <= from) throw invalidRequest([{ field: 'to', message: 'must be after from' }]);
};

const nothingLeft = (
  { asked, start, end }: { readonly asked: number; readonly start: number; readonly end: number },
  interval: Interval,
  plan: Plan,
) =>
  start > asked
    ? invalidRequest([
        {
          field: 'to',
          message: `must be after ${isoOf(start)}: the ${plan} plan goes no further back at ${interval}`,
        },
      ])
    : invalidRequest([
        {
          field: 'to',
          message: `no ${interval} candle opens between from and to; the next one opens at ${isoOf(Math.max(asked, end))}`,
        },
      ]);

const tooLong = (pages: number, start: number, interval: Interval) =>
  invalidRequest([
    {
      field: 'from',
      message:
        `would take ${pages} requests at ${interval}, a backfill takes at most ${pagesMax}; ask for a coarser interval, ` +
        `or end at ${isoOf(start + pagesMax * pageRowsMax * intervalMs[interval])} and go on from there in another one`,
    },
  ]);

const isoOf = (atMs: number): string => new Date(atMs).toISOString();
