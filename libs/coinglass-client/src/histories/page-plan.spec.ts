import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isFailure } from '../failures.ts';
import { intervalMs } from '../intervals/boundaries.ts';
import { intervals } from '../intervals/ladder.ts';
import { plans } from '../catalogue/plans.ts';
import { pageAt, pageParams, pageRowsMax, planPages, type HistoryAsk } from './page-plan.ts';

const now = Date.UTC(2026, 10, 25, 18, 7, 3, 123);
const day = 86_400_000;
const ask = (more: Partial<HistoryAsk> = {}): HistoryAsk => ({
  interval: '1h',
  from: Date.UTC(2026, 10, 1),
  to: now,
  plan: 'enterprise',
  now,
  ...more,
});

describe('a plan of pages', () => {
  it('covers each candle of its range exactly once, whatever interval, range and plan', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...intervals),
        fc.constantFrom(...plans),
        fc.integer({ min: Date.UTC(2010, 0, 1), max: now }),
        fc.integer({ min: 1, max: 4_000 * day }),
        fc.integer({ min: 0, max: 7 * day - 1 }),
        (interval, plan, from, spanMs, phase) => {
          let planned;
          try {
            planned = planPages(ask({ interval, plan, from, to: from + spanMs }));
          } catch (thrown) {
            expect(isFailure(thrown) && thrown.kind).toBe('invalid-request');
            return;
          }
          const pages = Array.from({ length: planned.pages }, (_, n) => pageAt(planned, n));
          expect(pages[0]?.from).toBe(planned.from);
          expect(pages.at(-1)?.to).toBe(planned.to);
          const lengthMs = intervalMs[interval];
          for (const [n, page] of pages.entries()) {
            if (n > 0) expect(page.from).toBe(pages[n - 1]?.to);
            // Whatever day weeks begin on, no page holds more than an answer does.
            const offset = interval === '1w' ? phase : 0;
            const first = Math.ceil((page.from - offset) / lengthMs) * lengthMs + offset;
            const openings = Math.max(0, Math.ceil((page.to - first) / lengthMs));
            expect(openings).toBeLessThanOrEqual(Number(pageParams(page, interval).limit));
            expect(Number(pageParams(page, interval).limit)).toBeLessThanOrEqual(pageRowsMax);
          }
          expect(planned.to - planned.from).toBeGreaterThan(0);
          expect(planned.pages).toBe(Math.ceil(planned.candles / pageRowsMax));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('takes 18 requests for two years of hours', () => {
    const planned = planPages(ask({ from: now - 730 * day }));
    expect(planned).toMatchObject({ pages: 18, candles: 17_520 });
  });

  it('says what the depth of the plan cuts off', () => {
    const planned = planPages(ask({ from: Date.UTC(2024, 0, 1), plan: 'standard' }));
    expect(planned.from).toBe(Math.ceil((now - 360 * day) / 3_600_000) * 3_600_000);
    expect(planned.clipped).toMatchObject({
      askedFrom: Date.UTC(2024, 0, 1),
      plan: 'standard',
      depthDays: 360,
      candles: (planned.from - Date.UTC(2024, 0, 1)) / 3_600_000,
    });
  });

  it('ends with the running candle, and says that it runs', () => {
    const to = Date.UTC(2026, 10, 25, 19);
    expect(planPages(ask())).toMatchObject({ to, openUntil: to });
    expect(planPages(ask({ to: now + 400 * day }))).toMatchObject({ to, openUntil: to });
    expect(planPages(ask({ to: Date.UTC(2026, 10, 25, 18) }))).not.toHaveProperty('openUntil');
  });

  it.each([
    ['a start before there was anything', { from: 1 }, 'from'],
    ['a start in the future', { from: now + 1, to: now + 5 }, 'from'],
    ['an end before the start', { to: Date.UTC(2026, 9, 1) }, 'to'],
    ['no opening in between', { from: now - 60_000, to: now - 1_000 }, 'to'],
    [
      'nothing that the plan sees',
      { to: Date.UTC(2025, 0, 1), from: 1.6e12, plan: 'standard' },
      'to',
    ],
    ['more pages than a backfill takes', { interval: '1m', from: Date.UTC(2015, 0, 1) }, 'from'],
  ] as const)('refuses %s, naming the field', (_what, more, field) => {
    expect(() => planPages(ask(more))).toThrow(
      expect.objectContaining({
        kind: 'invalid-request',
        errors: [expect.objectContaining({ field })],
      }),
    );
  });
});
