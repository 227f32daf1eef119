import { Failure } from '../failures.ts';
import { dayMs } from '../intervals/boundaries.ts';
import type { Interval } from '../intervals/ladder.ts';
import type { Endpoint } from './endpoint.ts';

/**
 * What each CoinGlass plan may read: which endpoints, from which interval on, how far back. It is the
 * vendor's published table; what a refusal teaches us beyond it is remembered elsewhere.
 */

/** CoinGlass plans, cheapest first. */
export const plans = ['hobbyist', 'startup', 'standard', 'professional', 'enterprise'] as const;
export type Plan = (typeof plans)[number];
export type { Interval };

const all = Infinity;
const refused = 0;
/** Agreed in each contract: no bound is known to us. */
const custom = Infinity;

type DepthByPlan = Readonly<Record<Plan, number>>;

const depth = (hobbyist: number, startup: number, standard: number, professional: number) => ({
  hobbyist,
  startup,
  standard,
  professional,
  enterprise: custom,
});

/** Days of history by interval and plan. The vendor's table leaves `1w` out; it is read as `1d`. */
const historyDepthDays: Readonly<Record<Interval, DepthByPlan>> = {
  '1m': depth(refused, refused, 6, 12),
  '3m': depth(refused, refused, 20, 40),
  '5m': depth(refused, refused, 30, 60),
  '15m': depth(refused, refused, 90, 180),
  '30m': depth(refused, 90, 180, 360),
  '1h': depth(refused, 180, 360, 720),
  '4h': depth(180, 180, 360, 720),
  '6h': depth(360, 360, 360, 720),
  '8h': depth(360, 360, 360, 720),
  '12h': depth(360, 360, 360, 720),
  '1d': depth(all, all, all, all),
  '1w': depth(all, all, all, all),
};

/**
 * How far back the plan's candles go, in ms: 0 when the plan is refused the interval, Infinity when
 * no bound is known. An older start is cut off by the vendor without a word.
 */
export const historyDepthMs = (plan: Plan, interval: Interval): number =>
  historyDepthDays[interval][plan] * dayMs;

export const planAllows = (endpoint: Endpoint, plan: Plan): boolean =>
  endpoint.plans[plan] !== false;

/** The finest interval the plan may ask this endpoint for; undefined = any. */
export const floorInterval = (endpoint: Endpoint, plan: Plan): Interval | undefined => {
  const rule = endpoint.plans[plan];
  return typeof rule === 'string' ? rule : undefined;
};

/** The cheapest plan that includes the endpoint. */
export const neededPlan = (endpoint: Endpoint): Plan | undefined =>
  plans.find((plan) => planAllows(endpoint, plan));

/** Why the plan may not read the endpoint, or undefined if it may. Costs no request. */
export const entitlement = (endpoint: Endpoint, plan: Plan): Failure | undefined => {
  if (planAllows(endpoint, plan)) return undefined;
  const needed = neededPlan(endpoint) ?? 'higher';
  const instead = endpoint.insteadUse;
  return new Failure(
    'plan-not-entitled',
    `${endpoint.id} needs the ${needed} plan of CoinGlass; this house has ${plan}` +
      (instead === undefined ? '' : `. Use ${instead} instead`),
    {
      errors: [
        {
          field: 'plan',
          message: `needs ${needed} or above`,
          allowed: plans.filter((each) => planAllows(endpoint, each)),
          ...(instead !== undefined && { suggestions: [instead] }),
        },
      ],
    },
  );
};
