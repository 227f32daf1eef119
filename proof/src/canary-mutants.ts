import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { canaryMutants, type CanaryMutant } from './canary/mutants.ts';
import { playNamed } from './canary/play.ts';
import { TRIAL_RUNS } from './canary/trial.ts';
import { trySpec } from './canary/try-spec.ts';
import { readOptions, WrongOption } from './options.ts';

const AT_ONCE = 2;
const TRIAL_MAX_MS = 120_000;
const usage = `npm run mutants:canary
  plants each fault of proof/src/canary/mutants.ts in the verdict and lets its specs or the simulation find it
`;
const run = promisify(execFile);
const program = join(import.meta.dirname, '../run.mjs');

const scenarioOf = ({ foundBy }: CanaryMutant): string | undefined =>
  foundBy.startsWith('sim ') ? foundBy.slice('sim '.length) : undefined;

const tryOne = async (mutant: CanaryMutant, number: number): Promise<readonly string[]> => {
  const scenario = scenarioOf(mutant);
  if (scenario === undefined) return trySpec(mutant.foundBy.slice('specs '.length), mutant.patches);
  const args = [program, '--canary-mutant', String(number), 'canary/trial', scenario];
  const { stdout } = await run(process.execPath, args, { timeout: TRIAL_MAX_MS });
  return JSON.parse(stdout) as readonly string[];
};

/** Plants every fault, `AT_ONCE` at a time; gives how many were found. A harness that failed has found nothing. */
const tryAll = async (): Promise<number> => {
  const waiting = [...canaryMutants.entries()];
  let found = 0;
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [number, mutant] = next;
      const told = await tryOne(mutant, number).then(
        ([first]) => (first === undefined ? 'SURVIVED' : `killed    ${first}`),
        (thrown: unknown) => `BROKE     ${String(thrown)}`,
      );
      if (told.startsWith('killed')) found++;
      process.stdout.write(`  ${mutant.name.padEnd(70)} ${mutant.foundBy.padEnd(20)} ${told}\n`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return found;
};

/** The runs that the mutants die in must be harmless without one. Gives how many are not. */
const control = (): number => {
  const scenarios = [...new Set(canaryMutants.flatMap((mutant) => scenarioOf(mutant) ?? []))];
  const missed = scenarios.filter((name) => playNamed(name, TRIAL_RUNS, 1).missed.length > 0);
  process.stdout.write(
    `control: ${scenarios.length - missed.length} of ${scenarios.length} scenarios without a mutant kept their goal\n`,
  );
  return missed.length;
};

/** Tries every mutant, prints what killed it. Gives the exit code. */
export const main = async (args: readonly string[]): Promise<number> => {
  try {
    readOptions(args, []);
  } catch (thrown) {
    if (!(thrown instanceof WrongOption)) throw thrown;
    process.stderr.write(`${thrown.message}\n\n${usage}`);
    return 2;
  }
  const found = await tryAll();
  const broken = control();
  process.stdout.write(`${found} of ${canaryMutants.length} killed\n`);
  process.stdout.write(`# pass ${found}\n# fail ${canaryMutants.length - found + broken}\n`);
  return found === canaryMutants.length && broken === 0 ? 0 : 1;
};
