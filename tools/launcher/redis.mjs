import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartProblem } from './problem.mjs';
import { freePort } from './ports.mjs';
import { redisTrouble, requireRedis, shownRedisUrl } from './redis-ping.mjs';

/**
 * Brings up the Redis of this run. A server started here listens on 127.0.0.1 alone, keeps nothing on disk and never
 * evicts (the queue lives in it).
 *
 * @typedef {object} RunningRedis
 * @property {string} url
 * @property {boolean} isOurs started by this run, so it began empty
 * @property {string} told what it is, for the summary
 * @property {string | undefined} notice what a person must know about it
 * @property {import('./processes.mjs').ManagedProcess | undefined} process the server, if it is a child of ours
 * @property {() => Promise<void>} stop
 */

const startBoundMs = 10_000;
const stopBoundMs = 5000;
const portTries = 3;

/**
 * @param {import('./redis-choice.mjs').RedisChoice} choice
 * @param {{ spawn: import('./processes.mjs').Spawn, onFolder?: (path: string) => void }} tools
 *   `onFolder` hears of the temporary folder, so that somebody else can remove it if we cannot
 * @returns {Promise<RunningRedis>}
 */
export const startRedis = async (choice, tools) => {
  if (choice.kind === 'given') return useGivenRedis(choice.url);
  return choice.kind === 'server' ? startServer(choice.path, tools) : startStandIn();
};

/** @param {string} url @returns {Promise<RunningRedis>} */
const useGivenRedis = async (url) => {
  await requireRedis(url);
  const told = `${shownRedisUrl(url)} (REDIS_URL)`;
  return { url, isOurs: false, told, notice: undefined, process: undefined, stop: async () => {} };
};

/**
 * @param {string} path
 * @param {{ spawn: import('./processes.mjs').Spawn, onFolder?: (path: string) => void }} tools
 * @returns {Promise<RunningRedis>}
 */
const startServer = async (path, { spawn, onFolder }) => {
  const directory = mkdtempSync(join(tmpdir(), 'glasshouse-redis-'));
  onFolder?.(directory);
  const removeDirectory = () => rmSync(directory, { recursive: true, force: true });
  try {
    for (let attempt = 1; ; attempt += 1) {
      const port = await freePort();
      const child = spawn({
        name: 'redis',
        command: path,
        args: serverArguments(port, directory),
        env: {},
      });
      const url = `redis://127.0.0.1:${port}`;
      const trouble = await untilItAnswers(url, child);
      if (trouble === undefined)
        return {
          url,
          isOurs: true,
          told: `${basename(path)} on 127.0.0.1:${port}, private, keeps nothing`,
          notice: undefined,
          process: child,
          stop: async () => {
            await child.stop(stopBoundMs);
            removeDirectory();
          },
        };
      await child.stop(stopBoundMs);
      // Between finding the port and binding it somebody else may have taken it: only then is another try worth it.
      if (attempt >= portTries || !child.tail.some((line) => /address already in use/i.test(line)))
        throw new StartProblem(
          `${path} was started as a private Redis but cannot be used: ${trouble}. Set REDIS_URL to a running Redis, or REDIS_SERVER_BIN to another server.`,
          { lastWords: child.tail },
        );
    }
  } catch (error) {
    removeDirectory();
    throw error;
  }
};

/** @param {number} port @param {string} directory */
const serverArguments = (port, directory) => [
  ...['--port', String(port), '--bind', '127.0.0.1', '--dir', directory],
  ...['--save', '', '--appendonly', 'no', '--maxmemory-policy', 'noeviction', '--daemonize', 'no'],
];

/**
 * @param {string} url
 * @param {import('./processes.mjs').ManagedProcess} child
 * @returns {Promise<string | undefined>} undefined once it answers PONG, else why it does not
 */
const untilItAnswers = async (url, child) => {
  const until = Date.now() + startBoundMs;
  let trouble = 'it did not start';
  while (Date.now() < until) {
    if (child.ended !== undefined) return `it ended (${child.ended.told})`;
    const found = await redisTrouble(url, 1000);
    if (found === undefined) return undefined;
    trouble = found;
    await sleep(20);
  }
  return trouble;
};

/**
 * js-redis-server inside this process. Its own `listen` opens the port on every address of the machine, so its parts
 * are put together here and its socket is bound to the loopback address.
 *
 * @returns {Promise<RunningRedis>}
 */
const startStandIn = async () => {
  const { RedisServerState, Resp2Server, createRedisCommandExecutor, resolveCompatibilityProfile } =
    await import('js-redis-server/core');
  const compatibility = resolveCompatibilityProfile();
  const server = new Resp2Server({
    server: new RedisServerState({ databaseCount: 16, compatibility }),
    executor: createRedisCommandExecutor({ compatibility }),
  });
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  server.server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {}); // A client that goes away in the middle of a command is no error of ours.
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise((resolve, reject) => {
    server.server.once('error', reject);
    server.server.listen({ port: 0, host: '127.0.0.1' }, () => resolve(undefined));
  });
  const port = server.getPort();
  return {
    url: `redis://127.0.0.1:${port}`,
    isOurs: true,
    told: `js-redis-server on 127.0.0.1:${port}, a stand-in inside this process`,
    notice:
      'No redis-server or valkey-server on the PATH: a JavaScript stand-in serves as Redis. It is for development: slow, and it keeps nothing.',
    process: undefined,
    stop: async () => {
      const closed = server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
};
