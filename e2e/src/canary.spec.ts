import { describe, expect, it } from '@jest/globals';
import { play } from './canary-demo/play.ts';
import { demoScenarios } from './canary-demo/scenarios.ts';

/** Two of the scenarios of `npm run demo:canary`, on a house of their own each. */
describe('a canary in a whole house', () => {
  it.each(['healthy', '404-route'])(
    '%s ends as it should',
    async (name) => {
      const lines: string[] = [];
      const scenario = demoScenarios.find((each) => each.name === name)!;
      const { wrong } = await play(scenario, (line) => lines.push(line));
      expect([...wrong, ...(wrong.length > 0 ? lines : [])]).toEqual([]);
    },
    120_000,
  );
});
