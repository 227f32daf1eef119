import { acceptedIntervals } from '../catalogue/accepted-intervals.ts';
import type { Endpoint } from '../catalogue/endpoint.ts';
import { entitlement, floorInterval, type Plan } from '../catalogue/plans.ts';
import { Failure } from '../failures.ts';
import type { Fallback } from './fallback.ts';
import { isFiner, type Interval } from './ladder.ts';

/**
 * The interval to ask for, given what the plan may have: decided before anything is spent. What the
 * vendor refuses beyond the published table is the climb's business.
 * @throws Failure `plan-not-entitled`; `interval-not-available` when strict and the plan's floor is coarser.
 */
export const planInterval = ({
  endpoint,
  plan,
  asked,
  strict,
}: {
  readonly endpoint: Endpoint;
  readonly plan: Plan;
  readonly asked: Interval;
  readonly strict: boolean;
}): { readonly interval: Interval; readonly fallback?: Fallback } => {
  const refusal = entitlement(endpoint, plan);
  if (refusal !== undefined) throw refusal;
  const floor = floorInterval(endpoint, plan);
  if (floor === undefined || !isFiner(asked, floor)) return { interval: asked };
  if (strict) throw belowFloor(endpoint, plan, asked, floor);
  return { interval: floor, fallback: { from: asked, to: floor, reason: 'plan' } };
};

const belowFloor = (endpoint: Endpoint, plan: Plan, asked: Interval, floor: Interval): Failure =>
  new Failure(
    'interval-not-available',
    `${endpoint.id} at ${asked} is not in the ${plan} plan; ${floor} is the finest it has`,
    {
      errors: [
        {
          field: 'interval',
          message: `must be ${floor} or coarser`,
          allowed: acceptedIntervals(endpoint).filter((interval) => !isFiner(interval, floor)),
          suggestions: [floor],
        },
      ],
    },
  );
