import { z } from 'zod';
import type { CanaryPlan, Stage } from './decision.ts';

const minutes = z.int().min(1).max(10_000);

const stage = z.strictObject({
  name: z.string().min(1).max(40),
  share: z.int().min(1).max(100),
  dwellMinutes: minutes,
  callsMin: z.int().min(1),
  worseMax: z.number().gt(0).max(1).exactOptional(),
});

/** A plan as people write it. Its messages name the field and what it may be. */
export const canaryPlan: z.ZodType<CanaryPlan> = z
  .strictObject({
    mode: z.enum(['two-arm', 'single-arm']),
    stages: z.array(stage).min(1).max(20),
    armedMinutes: minutes,
    inconclusiveAfterMinutes: minutes,
    holdMaxMinutes: minutes,
    alpha: z.number().gt(0).max(0.5),
    mayDisable: z.array(z.string().min(1)).default([]),
  })
  .superRefine(({ mode, stages }, context) => {
    const wrong = (at: number, field: keyof Stage, message: string) =>
      context.addIssue({ code: 'custom', path: ['stages', at, field], message });
    for (const [at, { share, worseMax }] of stages.entries()) {
      const before = stages[at - 1];
      if (before && share <= before.share)
        wrong(at, 'share', `must be more than the ${before.share} of the stage before`);
      if (mode === 'two-arm' && share === 100)
        wrong(at, 'share', 'must leave the baseline some calls to compare with: at most 99');
      if (mode === 'single-arm' && worseMax !== undefined)
        wrong(at, 'worseMax', 'needs two arms: leave it out, one arm is held to fixed budgets');
    }
  });

const common = {
  armedMinutes: 30,
  inconclusiveAfterMinutes: 180,
  holdMaxMinutes: 30,
  alpha: 0.01,
  mayDisable: [],
};

const plans: Readonly<Record<CanaryPlan['mode'], CanaryPlan>> = {
  'two-arm': {
    mode: 'two-arm',
    stages: [
      { name: 'smoke', share: 1, dwellMinutes: 12, callsMin: 30 },
      { name: 'tenth', share: 10, dwellMinutes: 15, callsMin: 150, worseMax: 0.05 },
      { name: 'half', share: 50, dwellMinutes: 20, callsMin: 600, worseMax: 0.02 },
      // A fifth is held back: at 100 there is nothing left to compare with.
      { name: 'soak', share: 80, dwellMinutes: 30, callsMin: 1200, worseMax: 0.02 },
    ],
    ...common,
  },
  'single-arm': {
    mode: 'single-arm',
    stages: [
      { name: 'tenth', share: 10, dwellMinutes: 15, callsMin: 150 },
      { name: 'half', share: 50, dwellMinutes: 20, callsMin: 600 },
      { name: 'full', share: 100, dwellMinutes: 45, callsMin: 1200 },
    ],
    ...common,
  },
};

/** About 80 minutes at 240 calls a minute, and half an hour of watching after it. */
export const defaultPlan = (mode: CanaryPlan['mode']): CanaryPlan => plans[mode];

const RAISED_SHARE_MAX = 50;

/**
 * The share of calls at which a stage of two arms can see `callsMin` calls within its dwell time, in whole per cent. Where there is little
 * traffic that is more than the stage's own share, but never more than half: a canary that few have tried is not given to most.
 */
export const raisedShare = (
  { share, callsMin, dwellMinutes }: Stage,
  callsPerMinute: number,
): number => {
  const needed = Math.ceil((100 * callsMin) / (Math.max(callsPerMinute, 0) * dwellMinutes));
  return Math.max(share, Math.min(needed, RAISED_SHARE_MAX));
};
