import { houseEnv, plainEnv, sandboxEnv } from './child-env.mjs';
import { startRedis } from './redis.mjs';
import { writeRunFile } from './run-file.mjs';
import { sandboxBanner } from './summary.mjs';
import { isWindowUnused } from './upstream.mjs';

/**
 * Brings up everything a run needs, from the ground up: Redis, the sandbox if there is no key, then fetchers, gateway
 * and health beside each other. Resolves when all are ready; taking it down again is for the house.
 *
 * @typedef {object} Parts
 * @property {import('./settings.mjs').Settings} settings
 * @property {import('./ground.mjs').Ground} ground
 * @property {import('./upstream.mjs').Upstream} upstream
 * @property {{ path: string, pid: number, startedAt: string }} ours this run and its file
 * @property {NodeJS.ProcessEnv} env the launcher's own
 * @property {ReturnType<typeof import('./apps.mjs').createAppStarter>} starter
 * @property {import('./house.mjs').House} house
 * @property {ReturnType<typeof import('./caretaker-link.mjs').startCaretaker>} caretaker
 * @property {ReturnType<typeof import('./terminal.mjs').createTerminal>} terminal
 * @property {AbortSignal} signal the wish to stop
 *
 * @typedef {object} Furnished
 * @property {import('./redis.mjs').RunningRedis} redis
 * @property {boolean} isWindowUnused
 *
 * @param {Parts} parts
 * @returns {Promise<Furnished>}
 */
export const furnish = async (parts) => {
  const { settings, ground, upstream, signal } = parts;
  /** @type {Record<string, number>} */
  const pids = {};

  signal.throwIfAborted();
  const redis = await layRedis(parts, pids);

  signal.throwIfAborted();
  if (ground.ports.sandbox !== undefined) await startSandbox(parts, ground.ports.sandbox, pids);

  signal.throwIfAborted();
  const unused = isWindowUnused({
    isRedisOurs: redis.isOurs,
    dataSource: upstream.dataSource,
    windowMs: settings.windowMs,
    lastRun: ground.lastRun,
    now: Date.now(),
  });
  const writeRun = () => writeRunFile(parts.ours.path, runOf(parts, redis.url, pids));
  writeRun(); // Before a request can be sent: a run that dies half started has used the key, too.
  parts.caretaker.watchRun(parts.ours);
  await startApps(parts, { redisUrl: redis.url, isRedisFresh: unused }, pids);
  writeRun();
  return { redis, isWindowUnused: unused };
};

/** @param {Parts} parts @param {Record<string, number>} pids */
const layRedis = async ({ ground, env, starter, house, caretaker, terminal }, pids) => {
  const redis = await startRedis(ground.redis, {
    spawn: (spec) => starter.spawnBeneath({ ...spec, env: plainEnv(env) }),
    onFolder: caretaker.watchFolder,
  });
  house.lastly(redis.stop);
  if (redis.process !== undefined) house.watch(redis.process);
  if (redis.process?.pid !== undefined) pids['redis'] = redis.process.pid;
  if (redis.notice !== undefined) terminal.say(`  ${terminal.paint('yellow', redis.notice)}`);
  return redis;
};

/** @param {Parts} parts @param {number} port @param {Record<string, number>} pids */
const startSandbox = async ({ settings, upstream, env, starter, terminal }, port, pids) => {
  terminal.say(`\n${sandboxBanner(terminal.paint)}\n`);
  const host = '127.0.0.1';
  const { windowMs } = settings;
  const sandbox = starter.start('sandbox', {
    name: 'sandbox',
    env: sandboxEnv(env, { host, port, key: upstream.apiKey, windowMs }),
    host,
    port,
    readyPath: '/livez',
  });
  if (sandbox.pid !== undefined) pids['sandbox'] = sandbox.pid;
  await sandbox.ready;
};

/**
 * @param {Parts} parts
 * @param {{ redisUrl: string, isRedisFresh: boolean }} facts
 * @param {Record<string, number>} pids
 */
const startApps = async (parts, facts, pids) => {
  const { settings, ground, upstream, env, starter } = parts;
  const { host } = settings;
  /** @param {'gateway' | 'fetcher' | 'health'} app @param {string} name @param {number} port */
  const start = (app, name, port) => {
    const appEnv = houseEnv(env, { app, host, port, upstream, ...facts });
    const started = starter.start(app, { name, env: appEnv, host, port });
    if (started.pid !== undefined) pids[name] = started.pid;
    return started.ready;
  };
  const { fetchers, gateway, health } = ground.ports;
  await Promise.all([
    ...fetchers.map((port, index) => start('fetcher', fetcherName(index), port)),
    start('gateway', 'gateway', gateway),
    start('health', 'health', health),
  ]);
};

/** @param {number} index */
export const fetcherName = (index) => (index === 0 ? 'fetcher' : `fetcher-${index + 1}`);

/**
 * @param {Parts} parts @param {string} redisUrl @param {Record<string, number>} pids
 * @returns {import('./run-file.mjs').Run}
 */
const runOf = ({ settings, ground, upstream, ours }, redisUrl, pids) => {
  const { gateway, health, sandbox, fetchers } = ground.ports;
  return {
    v: 1,
    startedAt: ours.startedAt,
    pid: ours.pid,
    redisUrl,
    host: settings.host,
    ports: {
      gateway,
      health,
      ...Object.fromEntries(fetchers.map((port, index) => [fetcherName(index), port])),
      ...(sandbox === undefined ? {} : { sandbox }),
    },
    pids,
    dataSource: upstream.dataSource,
    ...(upstream.baseUrl === undefined ? {} : { baseUrl: upstream.baseUrl }),
    ...(upstream.wsUrl === undefined ? {} : { wsUrl: upstream.wsUrl }),
    plan: settings.plan,
    rpm: settings.rpm,
    windowMs: settings.windowMs,
  };
};
