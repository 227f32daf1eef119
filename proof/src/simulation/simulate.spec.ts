import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import { openRedisStore } from './redis-store.ts';
import type { Scenario } from './scenario.ts';
import { scenarios } from './scenarios.ts';
import { simulate, type Outcome } from './simulate.ts';
import { tableOf } from './table.ts';

const swarm = (seed: number, steps: number): Scenario => ({
  ...scenarios.swarm(seed),
  storm: { steps },
});

describe('the simulated house', () => {
  it('keeps every rule, whatever befalls it', async () => {
    const seeds = [2, 20, 23, 29, 31, 35];
    const outcomes: Outcome[] = [];
    for (const seed of seeds) outcomes.push(await simulate(swarm(seed, 5_000)));
    console.log(tableOf(outcomes));
    expect(outcomes.flatMap(({ violation }) => violation ?? [])).toEqual([]);
    // The seeds must keep meeting what they are for.
    const sum = (read: (outcome: Outcome) => number): number =>
      outcomes.reduce((total, outcome) => total + read(outcome), 0);
    expect(sum(({ crashes }) => crashes)).toBeGreaterThan(3);
    expect(sum(({ freezes }) => freezes)).toBeGreaterThan(5);
    expect(sum(({ stateLosses }) => stateLosses)).toBeGreaterThan(0);
    expect(sum(({ throttled }) => throttled)).toBeGreaterThan(0);
  }, 240_000);

  it('uses on average 85 % of the limit once duress is over, with slow connections and a store that lags', async () => {
    const outcomes: Outcome[] = [];
    for (let seed = 1; seed <= 8; seed += 1) outcomes.push(await simulate(scenarios.duress(seed)));
    expect(outcomes.flatMap(({ violation }) => violation ?? [])).toEqual([]);
    const use = outcomes.reduce((sum, outcome) => sum + outcome.use, 0) / outcomes.length;
    expect(use).toBeGreaterThanOrEqual(0.85);
  }, 120_000);

  // The others are the mutants' own, which also run without a mutant.
  it.each([
    'alone',
    'alone-slow',
    'saturated',
    'slow',
    'begun',
    'begun-slow',
    'returning',
    'bulk',
    'throttled',
    'throttled-lowered',
    'failing',
    'foreign',
    'foreign-long',
    'foreign-margin',
    'plan-drop',
    'plan-drop-burst',
    'plan-drop-calm',
    'foreign-burst',
    'frozen',
  ] as const)(
    'keeps what is promised of a house that is %s',
    async (name) => {
      const { violation, worstSliding, scenario } = await simulate(scenarios[name](1));
      expect(violation).toBeUndefined();
      expect(worstSliding).toBeLessThanOrEqual(scenario.limit);
    },
    60_000,
  );

  it('says so itself when its limiter is at fault', async () => {
    const { violation, worstSliding, scenario, causes } = await simulate(scenarios.overshoot(1));
    expect(violation).toBeUndefined();
    expect(worstSliding).toBeGreaterThan(scenario.limit);
    expect(Object.keys(causes)).toEqual(['own-overshoot']);
  }, 60_000);

  it('passes the limit by no more than was forgotten, when all who knew of it are gone', async () => {
    const { violation, worstSliding, scenario, restores } = await simulate(
      scenarios['host-crash'](1),
    );
    expect(violation).toBeUndefined();
    expect(restores).toBeGreaterThan(0);
    expect(worstSliding).toBeGreaterThan(scenario.limit);
    expect(worstSliding).toBeLessThanOrEqual(2 * scenario.limit);
  }, 60_000);

  it('does the same again for the same seed, and something else for another', async () => {
    const [once, again, other] = await Promise.all(
      [11, 11, 12].map((seed) => simulate(swarm(seed, 500))),
    );
    expect(again).toEqual(once);
    expect(other?.hash).not.toBe(once?.hash);
  }, 60_000);
});

(redisIsHere ? describe : describe.skip)('the simulated house on the real scripts', () => {
  let server: PrivateRedis;
  beforeAll(async () => {
    server = await PrivateRedis.started();
  });
  afterAll(() => server.stop());

  it.each([
    ['swarm', swarm(4, 1_500)],
    ['swarm', swarm(15, 1_500)],
    ['overshoot', scenarios.overshoot(1)],
    ['throttled-lowered', scenarios['throttled-lowered'](2)],
  ])(
    'does step for step what it does on their twin in memory: %s',
    async (_, scenario) => {
      const inMemory = await simulate(scenario);
      const inRedis = await simulate(scenario, openRedisStore(server.client()));
      expect(inRedis).toEqual(inMemory);
      expect(inRedis.violation).toBeUndefined();
    },
    120_000,
  );
});
