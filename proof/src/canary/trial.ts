import { play } from './play.ts';
import { canaryScenarios } from './scenarios.ts';

/** Enough for gross faults: each of the kept goals holds in these runs without one. */
export const TRIAL_RUNS = 60;

/** Plays one scenario with whatever fault is planted; prints as JSON in what its goal was missed. */
export const main = async ([name]: readonly string[]): Promise<number> => {
  const scenario = canaryScenarios.find((each) => each.name === name);
  if (!scenario) throw new RangeError(`there is no scenario ${name}`);
  process.stdout.write(JSON.stringify(play(scenario, TRIAL_RUNS, 1).missed));
  return 0;
};
