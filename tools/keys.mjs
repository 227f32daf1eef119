/**
 * `npm run keys`: makes, lists, rotates and revokes team keys. Only finds out where the house's Redis is; the command is the gateway
 * app's. Exit codes: those of the command (0 done, 1 refused, 2 wrong use), 3 when there is no Redis.
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
const script = join(root, 'apps', 'gateway', 'dist', 'keys.js');
const argv = process.argv.slice(2);

/** Help needs no house. */
const asksForHelp =
  argv.length === 0 || argv.some((word) => ['--help', '-h', 'help'].includes(word));

/** @param {NodeJS.ProcessEnv} env @returns {Promise<number>} */
const run = (env) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...argv], { cwd: root, env, stdio: 'inherit' });
    process.on('SIGINT', () => {});
    process.on('SIGTERM', () => child.kill('SIGTERM'));
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });

try {
  const dotEnv = join(root, '.env');
  if (existsSync(dotEnv)) loadEnvFile(dotEnv);
  const env = asksForHelp ? {} : checkEnv(process.env, readRunFile(join(root, 'var', 'run.json')));
  if (!existsSync(script))
    await build({ root, env: process.env, spawn: spawnManaged, project: '@glasshouse/gateway' });
  process.exitCode = await run(env);
} catch (error) {
  if (!(error instanceof StartProblem)) throw error;
  process.stderr.write(`${[error.message, ...error.lastWords].join('\n')}\n`);
  process.exitCode = error.exitCode;
}
