import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadEnvFile } from 'node:process';
import { build } from './build.mjs';
import { aloneEnv, checkEnv } from './check-env.mjs';
import { StartProblem } from './problem.mjs';
import { spawnManaged } from './processes.mjs';
import { readRunFile } from './run-file.mjs';

/** @param {string} script @param {string} root @param {NodeJS.ProcessEnv} env @returns {Promise<number>} */
const run = (script, root, env) =>
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

/** Whoever does not know the command yet may have no house yet. @param {readonly string[]} words */
const wantsHelp = (words) => words.some((word) => word === '--help' || word === '-h');

/**
 * Runs one of health's commands against the house that runs from this folder, or the Redis that the shell names. It never sees
 * the vendor key. Sets the exit code: the command's own, 3 when there is no house to ask.
 *
 * @param {object} command
 * @param {string} command.root
 * @param {'check' | 'jobs' | 'canary' | 'flags' | 'verify'} command.name
 * @param {boolean} [command.alone] it asks no house; nor does help, which is no reason to set it
 * @param {typeof checkEnv} [command.envOf] what it is told of its surroundings
 */
export const runCommand = async ({ root, name, alone = false, envOf = checkEnv }) => {
  const script = join(root, 'apps', 'health', 'dist', `${name}.js`);
  try {
    const dotEnv = join(root, '.env');
    if (existsSync(dotEnv)) loadEnvFile(dotEnv);
    const env =
      alone || wantsHelp(process.argv.slice(2))
        ? aloneEnv(process.env)
        : envOf(process.env, readRunFile(join(root, 'var', 'run.json')));
    if (!existsSync(script))
      await build({ root, env: process.env, spawn: spawnManaged, project: '@glasshouse/health' });
    process.exitCode = await run(script, root, env);
  } catch (error) {
    if (!(error instanceof StartProblem)) throw error;
    process.stderr.write(`${[error.message, ...error.lastWords].join('\n')}\n`);
    process.exitCode = error.exitCode;
  }
};
