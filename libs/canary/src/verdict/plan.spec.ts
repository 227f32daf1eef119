import { describe, expect, it } from '@jest/globals';
import { canaryPlan, defaultPlan, raisedShare } from './plan.ts';

const refused = (plan: unknown): readonly string[] =>
  canaryPlan
    .safeParse(plan)
    .error!.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);

describe('a plan', () => {
  it.each(['two-arm', 'single-arm'] as const)(
    'of %s is there without asking, and is valid',
    (mode) => {
      expect(canaryPlan.parse(defaultPlan(mode))).toEqual(defaultPlan(mode));
    },
  );

  it('is refused with field and remedy', () => {
    const plan = defaultPlan('two-arm');
    const [smoke, tenth, ...rest] = plan.stages;
    expect(refused({ ...plan, stages: [tenth, smoke, ...rest] })).toEqual([
      'stages.1.share: must be more than the 10 of the stage before',
    ]);
    expect(refused({ ...plan, stages: [{ ...smoke, share: 100 }] })).toEqual([
      'stages.0.share: must leave the baseline some calls to compare with: at most 99',
    ]);
    expect(refused({ ...plan, mode: 'single-arm', stages: [tenth] })).toEqual([
      'stages.0.worseMax: needs two arms: leave it out, one arm is held to fixed budgets',
    ]);
    expect(refused({ ...plan, stages: [] })[0]).toMatch(/^stages: /);
    expect(refused({ ...plan, dwell: 3 })).toEqual([': Unrecognized key: "dwell"']);
    expect(refused({ ...plan, alpha: 0 })[0]).toMatch(/^alpha: /);
  });
});

describe('the share of a stage', () => {
  const stage = { name: 'smoke', share: 1, dwellMinutes: 12, callsMin: 30 };

  it.each([
    [100_000, 1],
    [250, 1],
    [240, 2],
    [20, 13],
    [3, 50],
    [0, 50],
  ])('at %d calls a minute is %d', (callsPerMinute, share) => {
    expect(raisedShare(stage, callsPerMinute)).toBe(share);
  });

  it('is never lowered', () => {
    expect(raisedShare({ ...stage, share: 80 }, 1)).toBe(80);
  });
});
