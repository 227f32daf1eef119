import { describe, expect, it } from '@jest/globals';
import { dayMs } from '../intervals/boundaries.ts';
import { intervals } from '../intervals/ladder.ts';
import { catalogue } from './catalogue.ts';
import { entitlement, floorInterval, historyDepthMs, planAllows, plans } from './plans.ts';

const heatmap = catalogue['futures/liquidation/heatmap/model1'];
const funding = catalogue['futures/funding-rate/history'];

describe('plans', () => {
  it.each([
    ['hobbyist', [0, 0, 0, 0, 0, 0, 180, 360, 360, 360, Infinity, Infinity]],
    ['startup', [0, 0, 0, 0, 90, 180, 180, 360, 360, 360, Infinity, Infinity]],
    ['standard', [6, 20, 30, 90, 180, 360, 360, 360, 360, 360, Infinity, Infinity]],
    ['professional', [12, 40, 60, 180, 360, 720, 720, 720, 720, 720, Infinity, Infinity]],
    ['enterprise', intervals.map(() => Infinity)],
  ] as const)('%s sees so many days back, by interval', (plan, days) => {
    expect(intervals.map((interval) => historyDepthMs(plan, interval) / dayMs)).toEqual(days);
  });

  it('never see less with a dearer plan', () => {
    for (const interval of intervals) {
      const depths = plans.map((plan) => historyDepthMs(plan, interval));
      expect(depths).toEqual([...depths].sort((a, b) => a - b));
    }
  });

  it('set the floor of candles: 4h, 30m, none', () => {
    expect(plans.map((plan) => floorInterval(funding, plan))).toEqual([
      '4h',
      '30m',
      undefined,
      undefined,
      undefined,
    ]);
    expect(floorInterval(heatmap, 'standard')).toBeUndefined();
  });

  it('refuse what is above them, naming the plan needed and what to read instead', () => {
    expect(plans.map((plan) => planAllows(heatmap, plan))).toEqual([
      false,
      false,
      false,
      true,
      true,
    ]);
    expect(entitlement(heatmap, 'professional')).toBeUndefined();
    expect(entitlement(heatmap, 'standard')?.toRecord()).toEqual({
      kind: 'plan-not-entitled',
      detail:
        'futures/liquidation/heatmap/model1 needs the professional plan of CoinGlass; ' +
        'this house has standard. Use /advanced/liquidation/history/:coin instead',
      errors: [
        {
          field: 'plan',
          message: 'needs professional or above',
          allowed: ['professional', 'enterprise'],
          suggestions: ['/advanced/liquidation/history/:coin'],
        },
      ],
    });
    expect(entitlement(catalogue['hyperliquid/position'], 'startup')?.errors).toEqual([
      {
        field: 'plan',
        message: 'needs standard or above',
        allowed: ['standard', 'professional', 'enterprise'],
      },
    ]);
  });
});
