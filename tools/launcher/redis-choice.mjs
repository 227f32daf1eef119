import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { StartProblem } from './problem.mjs';

/**
 * Which Redis this run uses: the given one, else a server of this machine, else the stand-in that comes with npm.
 * Only chooses; starting is for redis.mjs.
 *
 * @typedef {{ kind: 'given', url: string } | { kind: 'server', path: string } | { kind: 'stand-in' }} RedisChoice
 */

const serverNames = ['redis-server', 'valkey-server'];

/** @param {string} path */
const isExecutable = (path) => {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
};

/**
 * @param {string} name
 * @param {string} path the PATH variable
 */
const onPath = (name, path) => {
  const file = process.platform === 'win32' ? `${name}.exe` : name;
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, file))
    .find(isExecutable);
};

/**
 * @param {{ redisUrl?: string | undefined, redisServerBin?: string | undefined, path?: string | undefined }} from
 * @returns {RedisChoice}
 * @throws {StartProblem} when REDIS_SERVER_BIN names no program
 */
export const chooseRedis = ({ redisUrl, redisServerBin, path = '' }) => {
  if (redisUrl !== undefined) return { kind: 'given', url: redisUrl };
  const server = findRedisServer({ redisServerBin, path });
  return server === undefined ? { kind: 'stand-in' } : { kind: 'server', path: server };
};

/**
 * @param {{ redisServerBin?: string | undefined, path?: string | undefined }} from
 * @returns {string | undefined} the path of a real server program
 */
export const findRedisServer = ({ redisServerBin, path = '' }) => {
  if (redisServerBin !== undefined) {
    if (isExecutable(redisServerBin)) return redisServerBin;
    throw new StartProblem(
      `REDIS_SERVER_BIN is "${redisServerBin}", which is not a program that can be run: correct or unset it.`,
    );
  }
  for (const name of serverNames) {
    const found = onPath(name, path);
    if (found !== undefined) return found;
  }
  return undefined;
};
