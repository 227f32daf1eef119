import { expect, it } from '@jest/globals';
import { play } from './canary-demo/play.ts';
import { demoScenarios } from './canary-demo/scenarios.ts';

/** One of the scenarios of `npm run demo:canary`, and the one that goes every way: stage by stage forward, promoted, and back. */
it('a canary in a whole house is promoted while it is well, and goes back when it is not any more', async () => {
  const lines: string[] = [];
  const scenario = demoScenarios.find(({ name }) => name === 'late-regression')!;
  const { wrong } = await play(scenario, (line) => lines.push(line));
  expect([...wrong, ...(wrong.length > 0 ? lines : [])]).toEqual([]);
}, 180_000);
