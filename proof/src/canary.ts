import { availableParallelism } from 'node:os';
import { playAll } from './canary/play-all.ts';
import { canaryScenarios } from './canary/scenarios.ts';
import { tableOf } from './canary/table.ts';
import { choiceOption, countOption, readOptions, WrongOption } from './options.ts';

const names = canaryScenarios.map(({ name }) => name);
const usage = `npm run sim:canary -- [options]
  --scenario <name>  ${names.join(', ')}, or all (default)
  --runs <n>         of each scenario, 300
  --seed <n>         the first seed, 1
`;

/** Rolls out canaries by the verdict, prints what came of them beside naive rules. Gives the exit code: 1 if a goal is missed. */
export const main = async (args: readonly string[]): Promise<number> => {
  try {
    const options = readOptions(args, ['scenario', 'runs', 'seed']);
    const name = choiceOption(options, 'scenario', ['all', ...names], 'all');
    const runs = countOption(options, 'runs', 300);
    const startedAt = performance.now();
    const all = await playAll(
      name === 'all' ? names : [name],
      runs,
      countOption(options, 'seed', 1),
      availableParallelism(),
    );
    const missed = all.filter((played) => played.missed.length > 0).length;
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
    process.stdout.write(
      `${tableOf(all)}\n\n${all.length} scenarios, ${runs} runs of each, ${seconds} s. In brackets: as many are allowed, as chance goes (99.9 %).\n`,
    );
    process.stdout.write(`# pass ${all.length - missed}\n# fail ${missed}\n`);
    return missed === 0 ? 0 : 1;
  } catch (thrown) {
    if (!(thrown instanceof WrongOption)) throw thrown;
    process.stderr.write(`${thrown.message}\n\n${usage}`);
    return 2;
  }
};
