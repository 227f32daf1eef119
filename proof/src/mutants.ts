import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import { mutants } from './mutants/mutants.ts';
import { runTrials, type Trial } from './mutants/run-trials.ts';
import { readOptions, WrongOption } from './options.ts';
import { scenarios } from './simulation/scenarios.ts';
import { simulate } from './simulation/simulate.ts';

const AT_ONCE = 2;
const usage = `npm run mutants
  plants each fault of proof/src/mutants in the sources as they are loaded and lets the simulation find it
`;

const lineOf = ({ mutant, verdict, error }: Trial): string => {
  const { name, store, scenario } = mutant;
  const { rule, detail, seed, steps = 0 } = verdict ?? {};
  const how =
    rule !== undefined
      ? `killed    ${rule}: ${detail} (${scenario} seed ${seed}, step ${steps})`
      : `${error === undefined ? 'SURVIVED' : 'BROKE'}  ${error ?? `${steps} steps of ${scenario}`}`;
  return `  ${store.padEnd(8)} ${name.padEnd(52)} ${how}\n`;
};

/** The seeds that the mutants die on must be harmless without one. */
const control = async (trials: readonly Trial[]): Promise<readonly string[]> => {
  const runs = new Map(
    trials.map(({ mutant: { scenario }, verdict }) => {
      const seed = verdict?.seed ?? 1;
      return [`${scenario} seed ${seed}`, scenarios[scenario](seed)] as const;
    }),
  );
  const broken: string[] = [];
  for (const [run, scenario] of runs) {
    const { violation } = await simulate(scenario);
    if (violation) broken.push(`${run}: ${violation.rule}, ${violation.detail}`);
  }
  process.stdout.write(
    `control: ${runs.size - broken.length} of ${runs.size} runs without a mutant kept every rule\n${broken.map((line) => `  ${line}\n`).join('')}`,
  );
  return broken;
};

/** Runs every mutant, prints which rule killed it. Gives the exit code. */
export const main = async (args: readonly string[]): Promise<number> => {
  let redis: PrivateRedis | undefined;
  try {
    readOptions(args, []);
    redis = redisIsHere ? await PrivateRedis.started() : undefined;
    const trials = await runTrials(redis?.url, AT_ONCE, (trial) =>
      process.stdout.write(lineOf(trial)),
    );
    const broken = await control(trials);
    const killedBy = trials.flatMap(({ verdict }) => verdict?.rule ?? []);
    process.stdout.write(
      `${killedBy.length} of ${mutants.length} killed${redis ? '' : ', those of the scripts not run: no redis-server on the PATH'}\n`,
    );
    // As Node's test runner ends, so that npm test can count them.
    process.stdout.write(
      `# pass ${killedBy.length}\n# fail ${trials.length - killedBy.length + broken.length}\n`,
    );
    return killedBy.length === trials.length && broken.length === 0 ? 0 : 1;
  } catch (thrown) {
    if (!(thrown instanceof WrongOption)) throw thrown;
    process.stderr.write(`${thrown.message}\n\n${usage}`);
    return 2;
  } finally {
    await redis?.stop();
  }
};
