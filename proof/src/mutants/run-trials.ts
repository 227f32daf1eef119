import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Verdict } from '../trial.ts';
import type { Mutant } from './mutant.ts';
import { mutants } from './mutants.ts';

export interface Trial {
  readonly mutant: Mutant;
  readonly verdict?: Verdict;
  /** The harness failed: that is no kill. */
  readonly error?: string;
}

const run = promisify(execFile);
const program = join(import.meta.dirname, '../../run.mjs');
const TRIAL_MAX_MS = 300_000;

const runOne = async (number: number, redisUrl: string): Promise<Verdict> => {
  const args = [program, '--mutant', String(number), 'trial', String(number), redisUrl];
  const { stdout } = await run(process.execPath, args, { timeout: TRIAL_MAX_MS });
  return JSON.parse(stdout) as Verdict;
};

/** Each mutant in a process of its own, `atOnce` at a time; told as they end. Without a Redis the scripts are left out. */
export const runTrials = async (
  redisUrl: string | undefined,
  atOnce: number,
  onTrial: (trial: Trial) => void,
): Promise<readonly Trial[]> => {
  const waiting = mutants.flatMap((mutant, number) =>
    mutant.store === 'scripts' && redisUrl === undefined ? [] : { mutant, number },
  );
  const trials: Trial[] = [];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { mutant, number } = next;
      const trial = await runOne(number, redisUrl ?? '').then(
        (verdict): Trial => ({ mutant, verdict }),
        (thrown: unknown): Trial => ({ mutant, error: String(thrown) }),
      );
      trials.push(trial);
      onTrial(trial);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return trials;
};
