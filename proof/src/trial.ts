import { Redis } from 'ioredis';
import { mutantNamed } from './mutants/mutants.ts';
import { SEEDS_MAX, type Mutant } from './mutants/mutant.ts';
import { openRedisStore } from './simulation/redis-store.ts';
import { scenarios } from './simulation/scenarios.ts';
import { simulate } from './simulation/simulate.ts';
import { openMemoryStore } from './simulation/store.ts';

/** What a trial prints, as one line of JSON. */
export interface Verdict {
  readonly rule?: string;
  readonly detail?: string;
  readonly seed?: number;
  readonly steps: number;
}

const trialOf = async (mutant: Mutant, redis: Redis | undefined): Promise<Verdict> => {
  const openStore = redis ? openRedisStore(redis) : openMemoryStore;
  let steps = 0;
  const { seed: first = 1 } = mutant;
  for (let seed = first; seed < first + SEEDS_MAX; seed += 1) {
    const outcome = await simulate(scenarios[mutant.scenario](seed), openStore);
    steps += outcome.steps;
    const { violation } = outcome;
    if (violation) return { rule: violation.rule, detail: violation.detail, seed, steps };
  }
  return { steps };
};

/** In a process of its own, whose sources have the mutant in them: number of the mutant, URL of a Redis. */
export const main = async ([number, redisUrl]: readonly string[]): Promise<number> => {
  const mutant = mutantNamed(Number(number));
  const redis = mutant.store === 'scripts' ? new Redis(String(redisUrl)) : undefined;
  const verdict = await trialOf(mutant, redis);
  redis?.disconnect();
  process.stdout.write(`${JSON.stringify(verdict)}\n`);
  return 0;
};
