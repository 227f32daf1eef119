import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadEnvFile } from 'node:process';
import { build as buildWorkspace } from './build.mjs';
import { inspectGround } from './ground.mjs';
import { keepHouse } from './keep-house.mjs';
import { parseOptions, usage } from './options.mjs';
import { StartProblem } from './problem.mjs';
import { readSettings } from './settings.mjs';
import { createTerminal } from './terminal.mjs';
import { upstreamOf } from './upstream.mjs';

/**
 * One run of the house, from the command line to the exit code. Here everything is read and checked, before the first
 * process is started; keep-house.mjs does the rest.
 *
 * @param {object} options
 * @param {readonly string[]} options.argv
 * @param {string} options.root the workspace
 * @param {typeof buildWorkspace} [options.build]
 * @returns {Promise<number>} the exit code
 */
export const launch = async ({ argv, root, build = buildWorkspace }) => {
  const { out, err } = { out: process.stdout, err: process.stderr };
  let terminal = createTerminal({ out, err, showAll: false });
  try {
    const options = parseOptions(argv);
    if (options.help) {
      terminal.say(usage);
      return 0;
    }
    terminal = createTerminal({ out, err, showAll: options.logs });
    if (loadDotEnv(root)) terminal.say('  Settings are also read from .env.');
    const { env } = process;
    const runPath = join(root, 'var', 'run.json');
    const settings = readSettings(env);
    const ground = await inspectGround({
      settings,
      fetchers: options.fetchers,
      runPath,
      path: env['PATH'],
    });
    const upstream = upstreamOf(settings, ground.ports.sandbox);
    return await keepHouse({ settings, ground, upstream, env, root, runPath, terminal, build });
  } catch (error) {
    if (!(error instanceof StartProblem)) throw error;
    terminal.complain(error);
    return error.exitCode;
  }
};

/**
 * Variables that are set already win over the file.
 * @param {string} root @returns {boolean} whether there is one
 */
const loadDotEnv = (root) => {
  const path = join(root, '.env');
  if (!existsSync(path)) return false;
  loadEnvFile(path);
  return true;
};
