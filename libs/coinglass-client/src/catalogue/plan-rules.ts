import type { Endpoint } from './endpoint.ts';

/** The plan rules and fixed freshness that several endpoints have in common. */
type PlanRules = Endpoint['plans'];

export const everyPlan: PlanRules = {
  hobbyist: true,
  startup: true,
  standard: true,
  professional: true,
  enterprise: true,
};

/** History endpoints: all plans may read them, the small ones from an interval on. */
export const candlesByPlan: PlanRules = { ...everyPlan, hobbyist: '4h', startup: '30m' };

export const fromStandard: PlanRules = { ...everyPlan, hobbyist: false, startup: false };

export const fromProfessional: PlanRules = { ...fromStandard, standard: false };
