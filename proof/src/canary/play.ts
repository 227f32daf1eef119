import { rollOut, type Rollout } from './rollout.ts';
import type { Goal, Scenario } from './scenario.ts';
import { canaryScenarios } from './scenarios.ts';
import { allowedOf } from './tolerance.ts';

/** What came of all runs of a scenario. */
export interface Played {
  readonly name: string;
  readonly runs: number;
  readonly promoted: number;
  readonly rolledBack: number;
  readonly inconclusive: number;
  /** Runs that stood still for a while. */
  readonly held: number;
  readonly medianMinute: number;
  readonly worstMinute: number;
  /** The reason most runs ended for. */
  readonly reason: string;
  readonly naive: { readonly threshold: number; readonly zTest: number };
  /** What must be so, in words, with what chance may add. */
  readonly goal: string;
  /** In what it was not so. */
  readonly missed: readonly string[];
}

const count = (rollouts: readonly Rollout[], is: (rollout: Rollout) => boolean): number =>
  rollouts.filter(is).length;

const mostly = (rollouts: readonly Rollout[]): string => {
  const times = new Map<string, number>();
  for (const { reason } of rollouts) times.set(reason, (times.get(reason) ?? 0) + 1);
  return [...times].sort(([, one], [, other]) => other - one)[0]?.[0] ?? '';
};

const wordsOf = (goal: Goal, runs: number): string => {
  if (goal.kind === 'shown') return 'none, shown only';
  if (goal.kind === 'unproven') return 'never promoted';
  if (goal.kind === 'no-worse') return `<= 1 % back (${allowedOf(runs, 0.01)})`;
  const { missedMax, withinMinutes } = goal;
  const within = Number.isFinite(withinMinutes) ? ` in ${withinMinutes} min` : '';
  return `>= ${100 - 100 * missedMax} % back${within} (${allowedOf(runs, missedMax)})`;
};

const missesOf = (goal: Goal, rollouts: readonly Rollout[]): readonly string[] => {
  const runs = rollouts.length;
  const rolledBack = count(rollouts, ({ outcome }) => outcome === 'rolled-back');
  if (goal.kind === 'no-worse' && rolledBack > allowedOf(runs, 0.01))
    return [`${rolledBack} of ${runs} rolled back, and the canary is no worse`];
  if (goal.kind === 'unproven') {
    const promoted = count(rollouts, ({ outcome }) => outcome === 'promoted');
    return promoted > 0 ? [`${promoted} promoted, and nothing was shown`] : [];
  }
  if (goal.kind !== 'worse') return [];
  const inTime = count(
    rollouts,
    ({ outcome, minute }) => outcome === 'rolled-back' && minute <= goal.withinMinutes,
  );
  return runs - inTime > allowedOf(runs, goal.missedMax)
    ? [`${runs - inTime} of ${runs} not rolled back in time`]
    : [];
};

/** Plays a scenario so many times, with seeds from `seed` on. */
export const play = (scenario: Scenario, runs: number, seed: number): Played => {
  const rollouts = Array.from({ length: runs }, (_, n) => rollOut(scenario, seed + n));
  const minutes = rollouts.map(({ minute }) => minute).sort((one, other) => one - other);
  const broken = rollouts.flatMap(({ broken }, n) =>
    broken ? [`seed ${seed + n}: ${broken}`] : [],
  );
  return {
    name: scenario.name,
    runs,
    promoted: count(rollouts, ({ outcome }) => outcome === 'promoted'),
    rolledBack: count(rollouts, ({ outcome }) => outcome === 'rolled-back'),
    inconclusive: count(rollouts, ({ outcome }) => outcome === 'inconclusive'),
    held: count(rollouts, ({ heldMinutes }) => heldMinutes > 0),
    medianMinute: minutes[Math.floor(runs / 2)]!,
    worstMinute: minutes.at(-1)!,
    reason: mostly(rollouts),
    naive: {
      threshold: count(rollouts, ({ naive }) => naive.threshold),
      zTest: count(rollouts, ({ naive }) => naive.zTest),
    },
    goal: wordsOf(scenario.goal, runs),
    missed: [...missesOf(scenario.goal, rollouts), ...broken.slice(0, 1)],
  };
};

export const playNamed = (name: string, runs: number, seed: number): Played => {
  const scenario = canaryScenarios.find((each) => each.name === name);
  if (!scenario) throw new RangeError(`there is no scenario ${name}`);
  return play(scenario, runs, seed);
};
