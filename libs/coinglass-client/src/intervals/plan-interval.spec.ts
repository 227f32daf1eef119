import { describe, expect, it } from '@jest/globals';
import { catalogue } from '../catalogue/catalogue.ts';
import { plans } from '../catalogue/plans.ts';
import { isFailure } from '../failures.ts';
import { intervals, isFiner } from './ladder.ts';
import { planInterval } from './plan-interval.ts';

const endpoint = catalogue['futures/funding-rate/history'];
const failureOf = (act: () => unknown) => {
  try {
    act();
  } catch (thrown) {
    if (isFailure(thrown)) return thrown.toRecord();
  }
  return undefined;
};

describe("the plan's interval", () => {
  it.each([
    ['hobbyist', '1h', '4h'],
    ['hobbyist', '1d', '1d'],
    ['startup', '1m', '30m'],
    ['startup', '30m', '30m'],
    ['standard', '1m', '1m'],
  ] as const)('for %s asking %s is %s, and a change is said', (plan, asked, interval) => {
    expect(planInterval({ endpoint, plan, asked, strict: false })).toEqual(
      asked === interval
        ? { interval }
        : { interval, fallback: { from: asked, to: interval, reason: 'plan' } },
    );
  });

  it('is refused rather than changed for a strict caller', () => {
    expect(
      failureOf(() => planInterval({ endpoint, plan: 'startup', asked: '5m', strict: true })),
    ).toMatchObject({
      kind: 'interval-not-available',
      errors: [
        {
          field: 'interval',
          allowed: ['30m', '1h', '4h', '6h', '8h', '12h', '1d', '1w'],
          suggestions: ['30m'],
        },
      ],
    });
    expect(planInterval({ endpoint, plan: 'startup', asked: '1h', strict: true })).toEqual({
      interval: '1h',
    });
  });

  it('is not looked for when the plan does not have the endpoint at all', () => {
    const heatmap = catalogue['futures/liquidation/heatmap/model1'];
    expect(
      failureOf(() =>
        planInterval({ endpoint: heatmap, plan: 'standard', asked: '1h', strict: false }),
      )?.kind,
    ).toBe('plan-not-entitled');
  });

  it('is never finer than asked, nor than the floor, for any plan', () => {
    for (const plan of plans) {
      for (const asked of intervals) {
        const { interval, fallback } = planInterval({ endpoint, plan, asked, strict: false });
        expect(isFiner(interval, asked)).toBe(false);
        expect(fallback === undefined).toBe(interval === asked);
      }
    }
  });
});
