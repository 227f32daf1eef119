import {
  beginVerdict,
  defaultPlan,
  enterArmed,
  enterStage,
  judge,
  raisedShare,
  type CanaryPlan,
  type Decision,
  type MinuteCounts,
  type VerdictState,
} from '@glasshouse/canary';
import { createChance } from '../simulation/chance.ts';
import { createHouse } from './house.ts';
import { watchNaively } from './naive.ts';
import type { Scenario } from './scenario.ts';

export interface Rollout {
  readonly outcome: 'promoted' | 'rolled-back' | 'inconclusive';
  /** Of the decision that told the outcome. */
  readonly minute: number;
  readonly reason: string;
  readonly heldMinutes: number;
  readonly naive: { readonly threshold: boolean; readonly zTest: boolean };
  /** A rule that no run may break, whatever happens in it. */
  readonly broken?: string;
}

/** No run of a plan that ends its runs is as long. */
const MINUTES_MAX = 2_000;

/** Going forward on hold, too early, or on too few calls is never right. */
const wronglyForward = (
  plan: CanaryPlan,
  { hold, stage }: VerdictState,
  steadyMinutes: number,
  canaryCalls: number,
): string | undefined => {
  const { callsMin, dwellMinutes } = plan.stages[stage]!;
  if (hold) return `forward during a hold for ${hold.reason}`;
  if (canaryCalls < callsMin) return `forward on ${canaryCalls} of ${callsMin} calls`;
  return steadyMinutes < dwellMinutes
    ? `forward after ${steadyMinutes} of ${dwellMinutes} min`
    : undefined;
};

/** Calls of the arm on trial; of one arm alone, the house counts them as the canary's. */
const canaryCallsOf = ({ operations }: MinuteCounts): number =>
  Object.values(operations).reduce(
    (sum, { canary: { ok, auth, params, server } }) => sum + ok + auth + params + server,
    0,
  );

const reasonOf = (decision: Decision): string =>
  'reason' in decision ? decision.reason : decision.kind;

/** One run from its first minute to its end, which does what the verdict says at once. The seed tells everything. */
export const rollOut = (scenario: Scenario, seed: number): Rollout => {
  const plan = defaultPlan(scenario.mode);
  const house = createHouse(scenario, createChance(seed));
  const naive = watchNaively();
  const first = plan.stages[0]!;
  let share = plan.mode === 'two-arm' ? raisedShare(first, scenario.callsPerMinute) : first.share;
  let state = beginVerdict(plan);
  let promotedAt: number | undefined;
  let heldMinutes = 0;
  // Counted here, and not believed: minutes of the stage that were not on hold, and calls.
  let steadyMinutes = 0;
  let canaryCalls = 0;
  let broken: string | undefined;

  for (let minute = 0; minute < MINUTES_MAX; minute++) {
    const moment = {
      minute,
      ...(promotedAt === undefined ? {} : { promotedFor: minute - promotedAt }),
    };
    const counts = house.minute(share, moment);
    if (promotedAt === undefined) naive.see(counts);
    const judged = judge(plan, state, counts);
    const { decision } = judged;
    state = judged.state;
    if (decision.kind === 'hold') heldMinutes++;
    else steadyMinutes++;
    canaryCalls += canaryCallsOf(counts);
    const ended = (outcome: Rollout['outcome'], at = minute + 1): Rollout => ({
      outcome,
      minute: at,
      reason: reasonOf(decision),
      heldMinutes,
      naive: naive.rolledBack,
      ...(broken === undefined ? {} : { broken }),
    });
    if (decision.kind === 'advance' || decision.kind === 'promote')
      broken ??= wronglyForward(plan, state, steadyMinutes, canaryCalls);
    if (decision.kind === 'rollback') return ended('rolled-back');
    if (decision.kind === 'inconclusive') return ended('inconclusive');
    if (decision.kind === 'finished') return ended('promoted', promotedAt);
    if (decision.kind === 'advance') {
      share = decision.share;
      state = enterStage(state, decision.stage);
      steadyMinutes = 0;
      canaryCalls = 0;
    }
    if (decision.kind === 'promote') {
      share = 100;
      promotedAt = minute + 1;
      state = enterArmed(state);
    }
  }
  throw new Error(`${scenario.name} with seed ${seed} does not end`);
};
