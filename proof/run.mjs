/** Runs a program of the proof from its sources: `node proof/run.mjs <program> [options]`. */
import { loadSources } from './load-sources.mjs';

const programs = ['sim', 'mutants', 'limiter'];
const [program = '', ...options] = process.argv.slice(2);
if (!programs.includes(program)) {
  process.stderr.write(`There is no program "${program}"; programs are ${programs.join(', ')}.\n`);
  process.exit(2);
}
loadSources();
const { main } = await import(`./src/${program}.ts`);
process.exitCode = await main(options);
