import { houseEnv } from './child-env.mjs';
import { StartProblem } from './problem.mjs';
import { isRunning } from './run-file.mjs';

/** The check's own exit code for "could not run". */
const couldNotRun = 3;

/**
 * The environment of the start check run alone: that of the house that runs from this folder, or what the shell says
 * when it names a Redis itself. The vendor key is in neither.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {import('./run-file.mjs').Run | undefined} run
 * @returns {NodeJS.ProcessEnv}
 * @throws {StartProblem} exit code 3 when nobody says where Redis is
 */
export const checkEnv = (env, run) => {
  const colours = named(env, ['NO_COLOR', 'FORCE_COLOR', 'TERM']);
  const given = env['REDIS_URL']?.trim();
  if (given) return { ...colours, ...envFor(env, given, shellUpstream(env)) };
  if (!isRunning(run))
    throw new StartProblem(
      `There is no house to ask: ${run === undefined ? 'none was started from this folder' : 'the last one that was started from this folder has ended'}. Run npm start first, or set REDIS_URL to the Redis of a running one.`,
      { exitCode: couldNotRun },
    );
  return {
    ...colours,
    ...envFor(env, run.redisUrl, { baseUrl: run.baseUrl, wsUrl: run.wsUrl }),
    COINGLASS_PLAN: run.plan,
    COINGLASS_RPM: String(run.rpm),
    COINGLASS_WINDOW_MS: String(run.windowMs),
  };
};

/**
 * The environment of a command that asks no house.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv}
 */
export const aloneEnv = (env) => named(env, ['NO_COLOR', 'FORCE_COLOR', 'TERM', 'FLAGS_FILE']);

/** @param {NodeJS.ProcessEnv} env @param {readonly string[]} names @returns {NodeJS.ProcessEnv} */
const named = (env, names) =>
  Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));

/** @param {NodeJS.ProcessEnv} env */
const shellUpstream = (env) => ({
  baseUrl: env['COINGLASS_BASE_URL']?.trim() || undefined,
  wsUrl: env['COINGLASS_WS_URL']?.trim() || undefined,
});

/** It listens on no port. @param {NodeJS.ProcessEnv} env @param {string} redisUrl @param {{ baseUrl: string | undefined, wsUrl: string | undefined }} upstream */
const envFor = (env, redisUrl, upstream) =>
  houseEnv(env, {
    app: 'health',
    host: '127.0.0.1',
    port: 0,
    redisUrl,
    upstream: { ...upstream, apiKey: '' },
  });
