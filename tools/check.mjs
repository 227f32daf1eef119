/**
 * `npm run check`: asks the running house the questions of the start check and prints the table (or JSON, with
 * `-- --json`). Only finds out where the house is; the check itself is the health app's. Never sees the vendor key.
 * Exit codes: those of the check (0 passed or warned, 1 failed, 2 wrong use), 3 when there is nothing to ask.
 */
import './require-node.mjs';
import { existsSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { loadEnvFile } from 'node:process';
import { fileURLToPath } from 'node:url';
import { build } from './launcher/build.mjs';
import { checkEnv } from './launcher/check-env.mjs';
import { StartProblem } from './launcher/problem.mjs';
import { spawnManaged } from './launcher/processes.mjs';
import { readRunFile } from './launcher/run-file.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const script = join(root, 'apps', 'health', 'dist', 'check.js');

/** @param {NodeJS.ProcessEnv} env @returns {Promise<number>} */
const run = (env) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...process.argv.slice(2)], {
      cwd: root,
      env,
      stdio: 'inherit',
    });
    // Ctrl-C reaches the child through the terminal; other signals are handed on. Its end is ours.
    process.on('SIGINT', () => {});
    process.on('SIGTERM', () => child.kill('SIGTERM'));
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });

try {
  const dotEnv = join(root, '.env');
  if (existsSync(dotEnv)) loadEnvFile(dotEnv);
  const env = checkEnv(process.env, readRunFile(join(root, 'var', 'run.json')));
  if (!existsSync(script))
    await build({ root, env: process.env, spawn: spawnManaged, project: '@glasshouse/health' });
  process.exitCode = await run(env);
} catch (error) {
  if (!(error instanceof StartProblem)) throw error;
  process.stderr.write(`${[error.message, ...error.lastWords].join('\n')}\n`);
  process.exitCode = error.exitCode;
}
