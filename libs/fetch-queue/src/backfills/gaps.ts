import { intervalMs, pageAt, type Span } from '@glasshouse/coinglass-client';
import type { BackfillOrder, BackfillPage } from './backfill.ts';

/** Candles that a backfill has not got, and why. */
export interface Gap extends Span {
  readonly candles: number;
  /**
   * `not-in-answer`: CoinGlass answered without them. `before-first-row`: the same, and nothing older is there: the series seems to begin
   * later. `plan-depth`: they had fallen out of the plan's sight when their page was fetched. Else the failure's kind.
   */
  readonly reason: string;
  readonly detail?: string;
}

/** Every gap of the pages that are done, in order; neighbours of one reason are one. */
export const gapsOf = (
  { plan }: Pick<BackfillOrder, 'plan'>,
  pages: ReadonlyMap<number, BackfillPage>,
  depthMs: number,
): Gap[] => {
  const firstAt = firstRowAt(pages);
  const gaps: Gap[] = [];
  for (const [index, page] of pages) {
    const span = pageAt(plan, index);
    const found =
      page.state === 'lost'
        ? [{ ...span, reason: page.failure.kind, detail: page.failure.detail }]
        : page.missing.map((missing) => ({
            ...missing,
            reason: reasonOf(missing, page.fetchedAt - depthMs, firstAt),
          }));
    for (const gap of found) add(gaps, gap, intervalMs[plan.interval]);
  }
  return gaps;
};

const add = (gaps: Gap[], gap: Omit<Gap, 'candles'>, lengthMs: number): void => {
  const last = gaps.at(-1);
  const joins = last?.to === gap.from && last.reason === gap.reason && last.detail === gap.detail;
  const from = joins ? last.from : gap.from;
  if (joins) gaps.pop();
  gaps.push({ ...gap, from, candles: Math.ceil((gap.to - from) / lengthMs) });
};

const reasonOf = ({ from, to }: Span, earliest: number, firstAt: number): string => {
  if (from < earliest) return 'plan-depth';
  return to <= firstAt ? 'before-first-row' : 'not-in-answer';
};

/** Known only once every page before it is there; without a row anywhere nothing seems to begin. */
const firstRowAt = (pages: ReadonlyMap<number, BackfillPage>): number => {
  let expected = 0;
  for (const [index, page] of pages) {
    if (index !== expected || page.state === 'lost') break;
    if (page.firstAt !== undefined) return page.firstAt;
    expected += 1;
  }
  return -Infinity;
};
