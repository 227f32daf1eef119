import { PrivateRedis } from '@glasshouse/private-redis';
import { choiceOption, countOption, readOptions, WrongOption } from './options.ts';
import { openRedisStore } from './simulation/redis-store.ts';
import type { Scenario } from './simulation/scenario.ts';
import { keptScenarios, scenarioNames, scenarios } from './simulation/scenarios.ts';
import { simulate, type Outcome } from './simulation/simulate.ts';
import { openMemoryStore, type OpenStore } from './simulation/store.ts';
import { tableOf, totalOf } from './simulation/table.ts';

const usage = `npm run sim -- [options]
  --scenario <name>  ${scenarioNames.join(', ')}, or all but restored (default)
  --seed <n>         the first seed, 1
  --seeds <n>        how many seeds of swarm (30), of every other scenario (1); with --seed: 1
  --steps <n>        of the storm in swarm, 20000
  --store <name>     memory (default), or redis: the real scripts on a private Redis
`;

const runsOf = (args: readonly string[]): readonly Scenario[] => {
  const options = readOptions(args, ['scenario', 'seed', 'seeds', 'steps', 'store']);
  const name = choiceOption(options, 'scenario', ['all', ...scenarioNames], 'all');
  const first = countOption(options, 'seed', 1);
  const one = options['seed'] !== undefined || name !== 'swarm' ? 1 : 30;
  const steps = countOption(options, 'steps', 20_000);
  const names = name === 'all' ? keptScenarios : [name];
  return names.flatMap((each) => {
    const many = countOption(
      options,
      'seeds',
      each === 'swarm' && options['seed'] === undefined ? 30 : one,
    );
    const seeds = Array.from(
      { length: each === 'swarm' || name !== 'all' ? many : 1 },
      (_, n) => first + n,
    );
    return seeds.map((seed) => {
      const scenario: Scenario = scenarios[each](seed);
      return 'steps' in scenario.storm ? { ...scenario, storm: { steps } } : scenario;
    });
  });
};

const runAll = async (runs: readonly Scenario[], openStore: OpenStore): Promise<Outcome[]> => {
  const outcomes: Outcome[] = [];
  for (const scenario of runs) {
    const outcome = await simulate(scenario, openStore);
    outcomes.push(outcome);
    process.stderr.write(outcome.violation ? 'x' : '.');
  }
  process.stderr.write('\n');
  return outcomes;
};

/** Plays the runs that were asked for, prints what came of them. Gives the exit code. */
export const main = async (args: readonly string[]): Promise<number> => {
  let redis: PrivateRedis | undefined;
  try {
    const runs = runsOf(args);
    const { store } = readOptions(args, ['scenario', 'seed', 'seeds', 'steps', 'store']);
    if (choiceOption({ store }, 'store', ['memory', 'redis'], 'memory') === 'redis') {
      redis = await PrivateRedis.started();
    }
    const startedAt = performance.now();
    const outcomes = await runAll(runs, redis ? openRedisStore(redis.client()) : openMemoryStore);
    const broken = outcomes.filter(({ violation }) => violation).length;
    process.stdout.write(
      `${tableOf(outcomes)}\n\n${totalOf(outcomes, performance.now() - startedAt)}\n`,
    );
    process.stdout.write(
      `${outcomes.length - broken} of ${outcomes.length} runs kept every rule\n`,
    );
    return broken === 0 ? 0 : 1;
  } catch (thrown) {
    if (!(thrown instanceof WrongOption)) throw thrown;
    process.stderr.write(`${thrown.message}\n\n${usage}`);
    return 2;
  } finally {
    await redis?.stop();
  }
};
