import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * `var/run.json`: what the command-line tools need to find the running house, and what the next start needs to know of
 * the last one. It holds the Redis URL with its password, so only its owner may read it; it never holds a vendor key.
 *
 * @typedef {object} Run
 * @property {1} v shape of this file
 * @property {string} startedAt ISO time
 * @property {string} [endedAt] ISO time; absent while it runs, or when nobody lived to write it
 * @property {number} pid the launcher's
 * @property {string} redisUrl
 * @property {string} host
 * @property {Record<string, number>} ports by app (`gateway`, `fetcher`, `fetcher-2`, …)
 * @property {Record<string, number>} pids by app, and `redis` if it is ours
 * @property {'coinglass' | 'custom' | 'sandbox'} dataSource
 * @property {string} [baseUrl] absent: the vendor's own
 * @property {string} [wsUrl]
 * @property {string} plan
 * @property {number} rpm requests per window
 * @property {number} windowMs
 */

/** @param {string} path @param {Run} run */
export const writeRunFile = (path, run) => {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(draft, `${JSON.stringify(run, null, 2)}\n`, { mode: 0o600 });
    chmodSync(draft, 0o600); // An older draft of the same name would have kept its own mode.
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
};

/**
 * @param {string} path
 * @returns {Run | undefined} undefined when there is none, or none that can be read
 */
export const readRunFile = (path) => {
  try {
    const run = JSON.parse(readFileSync(path, 'utf8'));
    return run?.v === 1 && typeof run.redisUrl === 'string' ? run : undefined;
  } catch {
    return undefined;
  }
};

/**
 * Notes the end, unless a later run has written the file meanwhile.
 *
 * @param {string} path @param {Pick<Run, 'pid' | 'startedAt'>} ours @param {Date} [at]
 */
export const markRunEnded = (path, ours, at = new Date()) => {
  const run = readRunFile(path);
  if (run === undefined || run.pid !== ours.pid || run.startedAt !== ours.startedAt) return;
  writeRunFile(path, { ...run, endedAt: at.toISOString() });
};

/**
 * A process that has ended but was not yet collected by its parent (a zombie) counts as gone.
 * @param {number} pid
 */
export const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
};

/** @param {number} pid */
const isZombie = (pid) => {
  if (process.platform !== 'linux') return false;
  try {
    return /^\d+ \(.*\) Z /s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true; // It went while we looked.
  }
};

/** @param {Run | undefined} run @returns {run is Run} */
export const isRunning = (run) =>
  run !== undefined && run.endedAt === undefined && isAlive(run.pid);

/**
 * The gateway of the house that runs, if one does.
 * @param {Run | undefined} run
 * @returns {string | undefined}
 */
export const gatewayOf = (run) => {
  const port = run?.ports['gateway'];
  return isRunning(run) && port !== undefined ? `http://${run.host}:${port}` : undefined;
};
