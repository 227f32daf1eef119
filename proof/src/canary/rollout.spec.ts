import { describe, expect, it } from '@jest/globals';
import { playNamed } from './play.ts';
import { rollOut } from './rollout.ts';
import { canaryScenarios } from './scenarios.ts';
import { allowedOf } from './tolerance.ts';

describe('a simulated rollout', () => {
  it('is told by its seed alone', () => {
    const [healthy] = canaryScenarios;
    expect(rollOut(healthy!, 3)).toEqual(rollOut(healthy!, 3));
    expect(rollOut(healthy!, 3)).toMatchObject({ outcome: 'promoted', minute: 77 });
  });

  it('is counted once, by how it ended', () => {
    const played = playNamed('twice', 20, 1);
    expect(played.missed).toEqual([]);
    expect(played.promoted + played.rolledBack + played.inconclusive).toBe(20);
    expect(playNamed('401-all', 20, 1)).toMatchObject({ rolledBack: 20, missed: [] });
  });
});

describe('what chance may add', () => {
  it.each([
    [300, 0.01, 10],
    [300, 0.1, 47],
    [60, 0.01, 4],
    [1, 0.01, 1],
    [300, 0, 0],
  ])('to %d runs at %d is known', (runs, rate, allowed) => {
    expect(allowedOf(runs, rate)).toBe(allowed);
  });
});
