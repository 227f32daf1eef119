import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** @returns {Promise<number>} a port nobody listens on at this moment */
export const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

const canPin = process.platform === 'linux' && spawnSync('taskset', ['-V']).status === 0;

/**
 * Starts a process, pinned to one core where the machine can do that, so that generator and server do not share one.
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, core?: number }} [options]
 */
export const start = (command, args, { env = {}, core } = {}) => {
  const pinned = canPin && core !== undefined;
  const child = spawn(
    pinned ? 'taskset' : command,
    pinned ? ['-c', String(core), command, ...args] : args,
    { env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  return {
    child,
    stop: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null) return resolve(undefined);
        child.once('exit', resolve);
        child.kill('SIGTERM');
        setTimeout(() => child.kill('SIGKILL'), 10_000).unref();
      }),
  };
};

/**
 * @param {string} what
 * @param {() => Promise<boolean>} holds
 */
export const until = async (what, holds) => {
  const deadlineAt = Date.now() + 30_000;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > deadlineAt) throw new Error(`not ready: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

/** @param {number[]} values */
export const median = (values) => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
};
