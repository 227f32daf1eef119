import { describe, expect, it } from '@jest/globals';
import { planPages } from '@glasshouse/coinglass-client';
import type { BackfillPage, StoredPage } from './backfill.ts';
import { gapsOf } from './gaps.ts';

const hour = 3_600_000;
const now = Date.UTC(2026, 10, 25);
const from = now - 3_000 * hour;
const plan = planPages({ interval: '1h', from, to: now, plan: 'enterprise', now });
const done = (missing: [number, number][], first = 0): StoredPage => ({
  state: 'done',
  rows: 1,
  fetchedAt: now,
  source: 'sandbox',
  permits: 1,
  firstAt: from + first * hour,
  missing: missing.map(([a, b]) => ({ from: from + a * hour, to: from + b * hour })),
  repeated: 0,
  conflicting: 0,
  strayed: 0,
  newFields: [],
});
const lost: BackfillPage = {
  state: 'lost',
  failure: { kind: 'upstream-rejected', detail: 'no' },
  permits: 1,
  fetchedAt: now,
};
const gaps = (pages: BackfillPage[], depthMs = Infinity) =>
  gapsOf({ plan }, new Map(pages.entries()), depthMs).map((gap) => [
    (gap.from - from) / hour,
    gap.candles,
    gap.reason,
  ]);

describe('the gaps of a backfill', () => {
  it('join over the edge of a page, but not over different reasons', () => {
    expect(gaps([done([[990, 1_000]]), done([[1_000, 1_010]], 1_010), lost])).toEqual([
      [990, 20, 'not-in-answer'],
      [2_000, 1_000, 'upstream-rejected'],
    ]);
  });

  it('tell a series that begins later from a hole', () => {
    const empty: StoredPage = { ...done([[0, 1_000]]), rows: 0 };
    const { firstAt: _, ...nothing } = empty;
    const late = done(
      [
        [1_000, 1_500],
        [1_600, 1_601],
      ],
      1_500,
    );
    expect(gaps([nothing, late])).toEqual([
      [0, 1_500, 'before-first-row'],
      [1_600, 1, 'not-in-answer'],
    ]);
    // With a page before it unknown, nobody can say so.
    expect(gaps([lost, late])[1]).toEqual([1_000, 500, 'not-in-answer']);
  });

  it('tell what the plan no longer saw', () => {
    expect(
      gaps(
        [
          done([
            [0, 2],
            [5, 6],
          ]),
        ],
        2_998 * hour,
      ),
    ).toEqual([
      [0, 2, 'plan-depth'],
      [5, 1, 'not-in-answer'],
    ]);
  });
});
