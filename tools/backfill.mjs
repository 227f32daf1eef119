/**
 * `npm run backfill`: fetches a long history through the gateway into a file. Only finds out where the gateway is; the command itself is
 * the gateway app's, and `-- --help` shows how to use it. Exit codes: those of the command.
 */
import './require-node.mjs';
import { existsSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { loadEnvFile } from 'node:process';
import { fileURLToPath } from 'node:url';
import { build } from './launcher/build.mjs';
import { StartProblem } from './launcher/problem.mjs';
import { spawnManaged } from './launcher/processes.mjs';
import { gatewayOf, readRunFile } from './launcher/run-file.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const script = join(root, 'apps', 'gateway', 'dist', 'backfill.js');

/** Relative paths are the user's, not the project's: npm runs its scripts in the project's folder. */
const cwd = process.env['INIT_CWD'] ?? process.cwd();

try {
  const dotEnv = join(root, '.env');
  if (existsSync(dotEnv)) loadEnvFile(dotEnv);
  if (!existsSync(script))
    await build({ root, env: process.env, spawn: spawnManaged, project: '@glasshouse/gateway' });
  const running = gatewayOf(readRunFile(join(root, 'var', 'run.json')));
  const { GLASSHOUSE_URL: url = running, ...env } = process.env;
  // The vendor's key is for the fetcher alone, also where .env has it.
  delete env['COINGLASS_API_KEY'];
  const child = spawn(process.execPath, [script, ...process.argv.slice(2)], {
    cwd,
    env: { ...env, ...(url !== undefined && { GLASSHOUSE_URL: url }) },
    stdio: 'inherit',
  });
  // Ctrl-C reaches the child through the terminal; other signals are handed on. Its end is ours.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.exitCode = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
} catch (error) {
  if (!(error instanceof StartProblem)) throw error;
  process.stderr.write(`${[error.message, ...error.lastWords].join('\n')}\n`);
  process.exitCode = error.exitCode;
}
