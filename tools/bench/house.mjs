import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PrivateRedis } from '@glasshouse/private-redis';
import { request } from 'undici';
import { freePort, root, start, until } from './running.mjs';

/** The sandbox's; it opens nothing else. */
export const sandboxKey = 'sandbox-bench';
const wide = '100000';

/** @param {string} url */
const ok = async (url) => {
  const { statusCode, body } = await request(url);
  await body.dump();
  return statusCode === 200;
};

/** @param {string} app @param {string} port @param {string} path @param {NodeJS.ProcessEnv} env */
const startApp = async (app, port, path, env) => {
  const own = await freePort();
  const running = start(process.execPath, [join(root, `apps/${app}/dist/main.js`)], {
    env: { ...env, [port]: String(own) },
  });
  const url = `http://127.0.0.1:${own}`;
  await until(app, () => ok(url + path));
  return { ...running, url };
};

/** The vendor, who knows one key. @param {number} latencyMs */
export const openSandbox = (latencyMs) =>
  startApp('sandbox', 'SANDBOX_PORT', '/livez', {
    SANDBOX_KEY: sandboxKey,
    SANDBOX_LIMIT: wide,
    SANDBOX_LATENCY_MS: String(latencyMs),
  });

/**
 * Redis, sandbox, fetcher and gateway as processes of their own, with a limit that nobody reaches.
 * @param {{ vendorLatencyMs: number, env?: NodeJS.ProcessEnv }} options
 */
export const openHouse = async ({ vendorLatencyMs, env = {} }) => {
  /** @type {{ stop(): Promise<unknown> }[]} */
  const running = [];
  const stop = async () => {
    for (const each of running.toReversed()) await each.stop();
  };
  /** @template {{ stop(): Promise<unknown> }} T @param {Promise<T>} starting @returns {Promise<T>} */
  const kept = async (starting) => {
    const started = await starting;
    running.push(started);
    return started;
  };
  try {
    const redis = await kept(PrivateRedis.started());
    const sandbox = await kept(openSandbox(vendorLatencyMs));
    const ours = {
      REDIS_URL: redis.url,
      COINGLASS_BASE_URL: sandbox.url,
      COINGLASS_RPM: wide,
      ...env,
    };
    const fetcher = await kept(
      startApp('fetcher', 'FETCHER_PORT', '/readyz', {
        ...ours,
        COINGLASS_API_KEY: sandboxKey,
        GLASSHOUSE_FRESH_REDIS: 'true',
      }),
    );
    const gateway = await kept(startApp('gateway', 'GATEWAY_PORT', '/readyz', ours));
    return { redis, sandbox, fetcher, gateway, stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
};

/**
 * CPU that a process has used, user and system, in µs; NaN where there is no /proc.
 * @param {number | undefined} pid
 */
export const cpuUsOf = (pid) => {
  try {
    // After the name in brackets, which may hold blanks; in ticks of 10 ms.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10_000;
  } catch {
    return NaN;
  }
};
