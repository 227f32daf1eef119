import { claimPort, freePort, reachableHost } from './ports.mjs';
import { StartProblem } from './problem.mjs';
import { ask } from './readiness.mjs';
import { chooseRedis } from './redis-choice.mjs';
import { requireRedis } from './redis-ping.mjs';
import { isRunning, readRunFile } from './run-file.mjs';
import { portVariables } from './settings.mjs';

/**
 * Looks at everything that can be known to fail before the first process is started, so that it fails in a second:
 * ports, another run from the same folder, the Redis that was named.
 *
 * @typedef {object} Ground
 * @property {{ gateway: number, health: number, sandbox: number | undefined, fetchers: number[] }} ports
 * @property {import('./redis-choice.mjs').RedisChoice} redis
 * @property {import('./run-file.mjs').Run | undefined} lastRun
 */

/**
 * @param {{ settings: import('./settings.mjs').Settings, fetchers: number, runPath: string, path: string | undefined }} wanted
 *   `path`: the PATH variable, where a Redis server is looked for
 * @returns {Promise<Ground>}
 * @throws {StartProblem}
 */
export const inspectGround = async ({ settings, fetchers, runPath, path }) => {
  const { host, ports, apiKey, redisUrl, redisServerBin } = settings;
  const lastRun = readRunFile(runPath);
  const running = isRunning(lastRun) && (await answers(lastRun)) ? lastRun : undefined;
  const holder = running && `the Glasshouse that runs from this folder (process ${running.pid})`;
  const claim = (/** @type {keyof typeof portVariables} */ app, address = host) =>
    claimPort({ app, variable: portVariables[app], port: ports[app], host: address, holder });

  const claimed = {
    gateway: await claim('gateway'),
    fetcher: await claim('fetcher'),
    health: await claim('health'),
    // It obeys whoever reaches it (scenarios are switched on over HTTP), so it never leaves this machine.
    sandbox: apiKey === undefined ? await claim('sandbox', '127.0.0.1') : undefined,
  };
  if (running !== undefined)
    throw new StartProblem(
      `Glasshouse is already running from this folder (process ${running.pid}, gateway on port ${running.ports['gateway']}): stop it first; for more fetchers start it with --fetchers N.`,
    );
  const extraFetchers = await Promise.all(
    Array.from({ length: fetchers - 1 }, () => freePort(host)),
  );
  const redis = chooseRedis({ redisUrl, redisServerBin, path });
  if (redis.kind === 'given') await requireRedis(redis.url);
  const { gateway, fetcher, health, sandbox } = claimed;
  return {
    ports: { gateway, health, sandbox, fetchers: [fetcher, ...extraFetchers] },
    redis,
    lastRun,
  };
};

/**
 * A process id alone proves nothing: after a reboot it may be somebody else's.
 * @param {import('./run-file.mjs').Run} run
 */
const answers = ({ host, ports }) =>
  ask(`http://${reachableHost(host)}:${ports['gateway']}/livez`, 1000).then(
    () => true,
    () => false,
  );
