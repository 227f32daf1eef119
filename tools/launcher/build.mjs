import { createRequire } from 'node:module';
import { stripVTControlCharacters } from 'node:util';
import { plainEnv } from './child-env.mjs';
import { StartProblem } from './problem.mjs';

/**
 * Compiles the workspace through Nx, which skips what has not changed. Quiet unless it fails.
 */

const stopBoundMs = 3000;
const shownMax = 12;

/** Nx's own script: run by this Node, not by whichever comes first on the PATH. @param {string} root */
export const nxScript = (root) => createRequire(`${root}/package.json`).resolve('nx/bin/nx.js');

/**
 * No daemon (it would outlive us), no interactive screen; a CI variable is passed on since Nx adapts to it.
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv}
 */
export const nxEnv = (env) => ({
  ...plainEnv(env),
  NX_DAEMON: 'false',
  NX_TUI: 'false',
  ...(env['CI'] ? { CI: env['CI'] } : {}),
  ...(env['NX_SKIP_NX_CACHE'] ? { NX_SKIP_NX_CACHE: env['NX_SKIP_NX_CACHE'] } : {}),
});

/**
 * @param {{ root: string, env: NodeJS.ProcessEnv, spawn: import('./processes.mjs').Spawn, project?: string, signal?: AbortSignal }} options
 *   `project`: only this one and what it needs
 * @throws {StartProblem} with the compiler's words
 */
export const build = async ({ root, env, spawn, project, signal }) => {
  const what =
    project === undefined
      ? ['run-many', '-t', 'build', '--projects=tag:type:app']
      : ['run', `${project}:build`];
  /** @type {string[]} */
  const lines = [];
  const nx = spawn({
    name: 'build',
    command: process.execPath,
    args: [nxScript(root), ...what, '--output-style=static'],
    cwd: root,
    env: nxEnv(env),
    onLine: (line) => lines.push(line),
  });
  const stop = () => void nx.stop(stopBoundMs).then(() => nx.kill());
  signal?.addEventListener('abort', stop, { once: true });
  const { code } = await nx.exited;
  signal?.removeEventListener('abort', stop);
  if (code !== 0 && !signal?.aborted)
    throw new StartProblem('The build failed; npm run build shows all of it.', {
      lastWords: failingPart(lines),
    });
};

/**
 * Nx prints what each task said, the good ones, too: the compiler's errors are enough.
 * @param {readonly string[]} lines
 */
const failingPart = (lines) => {
  const plain = lines.map((line) => stripVTControlCharacters(line));
  const errors = plain.filter((line) => /\berror TS\d+/.test(line));
  return errors.length > 0 ? errors.slice(0, shownMax) : plain.slice(-shownMax);
};
