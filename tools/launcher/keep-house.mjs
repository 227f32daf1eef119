import { join } from 'node:path';
import { announce } from './announce.mjs';
import { createAppStarter } from './apps.mjs';
import { startCaretaker } from './caretaker-link.mjs';
import { plainEnv } from './child-env.mjs';
import { furnish } from './furnish.mjs';
import { House } from './house.mjs';
import { StartProblem } from './problem.mjs';
import { spawnManaged } from './processes.mjs';
import { markRunEnded } from './run-file.mjs';

/**
 * Builds, starts, waits for the end (a signal, or the death of a process) and takes everything down again, whatever
 * the reason and however far it had come.
 *
 * @param {object} plan
 * @param {import('./settings.mjs').Settings} plan.settings
 * @param {import('./ground.mjs').Ground} plan.ground
 * @param {import('./upstream.mjs').Upstream} plan.upstream
 * @param {NodeJS.ProcessEnv} plan.env
 * @param {string} plan.root
 * @param {string} plan.runPath
 * @param {ReturnType<typeof import('./terminal.mjs').createTerminal>} plan.terminal
 * @param {typeof import('./build.mjs').build} plan.build
 * @returns {Promise<number>} the exit code: 0 when it was asked to stop and did so cleanly
 * @throws {StartProblem} after everything has been taken down
 */
export const keepHouse = async ({ root, runPath, terminal, build, env, ...known }) => {
  const ours = { path: runPath, pid: process.pid, startedAt: new Date().toISOString() };
  /** @type {PromiseWithResolvers<never>} */
  const death = Promise.withResolvers();
  const house = new House({ onDeath: (process) => death.reject(deathProblem(process)) });
  const stop = listenForStop({
    onFirst: () => terminal.say('\n  Stopping …'),
    onSecond: () => {
      terminal.say('  Ending everything at once.');
      house.killAll();
    },
  });
  const { signal } = stop;
  const caretaker = startCaretaker({ env: plainEnv(env) });
  house.lastly(caretaker.dismiss);
  const logFolder = join(root, 'var', 'log');
  const secrets = [known.upstream.apiKey, passwordOf(known.settings.redisUrl)];
  const starter = createAppStarter({ root, logFolder, secrets, house, caretaker, terminal });
  const parts = { ...known, env, ours, starter, house, caretaker, terminal, signal };

  const starting = (async () => {
    terminal.say('  Building …');
    await build({ root, env, spawn: spawnManaged, signal });
    await announce(parts, await furnish(parts), logFolder);
  })();
  const asked = aborted(signal);
  /** @type {string[]} */
  let forced;
  try {
    await Promise.race([starting, asked, death.promise]);
    await Promise.race([asked, death.promise]);
  } catch (error) {
    if (!stop.wasAsked) throw error;
  } finally {
    stop.now(); // What is still being started gives up.
    forced = await house.end();
    await starting.catch(() => {});
    await house.finish();
    markRunEnded(runPath, ours);
    stop.dispose();
  }
  if (forced.length === 0) {
    terminal.say('  Stopped; nothing is left running.');
    return 0;
  }
  throw new StartProblem(
    `Stopped, but by force, since these did not end by themselves: ${forced.join(', ')}.`,
  );
};

/** @param {import('./processes.mjs').ManagedProcess} process */
const deathProblem = ({ name, ended, tail }) =>
  new StartProblem(
    `The ${name} ended by itself (${ended?.told}), so everything was stopped. All its lines: var/log/${name}.log.`,
    { lastWords: tail },
  );

/** npm hands Ctrl-C on to us, who have it from the terminal already: signals within this time are one. */
const echoMs = 1000;

/** @param {{ onFirst: () => void, onSecond: () => void }} reactions */
const listenForStop = ({ onFirst, onSecond }) => {
  const controller = new AbortController();
  let askedAt = 0;
  const onSignal = () => {
    if (askedAt > 0) {
      if (performance.now() - askedAt > echoMs) onSecond();
      return;
    }
    askedAt = performance.now();
    onFirst();
    controller.abort();
  };
  const names = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
  for (const name of names) process.on(name, onSignal);
  return {
    signal: controller.signal,
    get wasAsked() {
      return askedAt > 0;
    },
    now: () => controller.abort(),
    dispose: () => {
      for (const name of names) process.off(name, onSignal);
    },
  };
};

/** @param {AbortSignal} signal @returns {Promise<void>} */
const aborted = (signal) =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

/** @param {string | undefined} url */
const passwordOf = (url) =>
  url === undefined ? undefined : decodeURIComponent(new URL(url).password) || undefined;
