/**
 * Runs a program of the proof from its sources: `node proof/run.mjs <program> [options]`. With `--mutant <n>` first, the
 * n-th planted fault of the limiter is in them, with `--canary-mutant <n>` that of the verdict.
 */
import { loadSources } from './load-sources.mjs';

const programs = [
  'sim',
  'mutants',
  'trial',
  'limiter',
  'rounds/fetcher',
  'canary',
  'canary-mutants',
  'canary/trial',
];
/** Where the planted faults are. */
const planted = {
  '--mutant': './src/mutants/mutants.ts',
  '--canary-mutant': './src/canary/mutants.ts',
};
const args = process.argv.slice(2);
/** @type {import('./load-sources.mjs').Patch[]} */
const patches = [];
const unmet = loadSources(patches);
if (args[0] === '--mutant' || args[0] === '--canary-mutant') {
  const { mutantNamed } = await import(planted[args[0]]);
  patches.push(...mutantNamed(Number(args[1])).patches);
  args.splice(0, 2);
}
const [program = '', ...options] = args;
if (!programs.includes(program)) {
  process.stderr.write(`There is no program "${program}"; programs are ${programs.join(', ')}.\n`);
  process.exit(2);
}
const { main } = await import(`./src/${program}.ts`);
for (const { file, find } of unmet()) throw new Error(`${file} was not loaded: ${find}`);
process.exitCode = await main(options);
