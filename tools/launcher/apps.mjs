import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openLogFile } from './log-file.mjs';
import { createMask } from './log-lines.mjs';
import { spawnManaged } from './processes.mjs';
import { reachableHost } from './ports.mjs';
import { untilReady } from './readiness.mjs';

/**
 * Starts one built app: its environment is given, its lines go to its file and to the terminal, and the house and the
 * caretaker know of it from the first moment.
 *
 * @param {object} surroundings
 * @param {string} surroundings.root
 * @param {string} surroundings.logFolder
 * @param {readonly (string | undefined)[]} surroundings.secrets replaced in whatever an app prints
 * @param {import('./house.mjs').House} surroundings.house
 * @param {ReturnType<typeof import('./caretaker-link.mjs').startCaretaker>} surroundings.caretaker
 * @param {Pick<ReturnType<typeof import('./terminal.mjs').createTerminal>, 'hear'>} surroundings.terminal
 */
export const createAppStarter = ({ root, logFolder, secrets, house, caretaker, terminal }) => {
  const mask = createMask(secrets);
  mkdirSync(logFolder, { recursive: true });

  /** @param {import('./processes.mjs').ProcessSpec} spec */
  const spawnLogged = (spec) => {
    const file = openLogFile({ folder: logFolder, name: spec.name });
    const child = spawnManaged({
      ...spec,
      mask,
      onLine: (line, stream) => {
        file.write(line);
        spec.onLine?.(line, stream);
      },
    });
    caretaker.watch(child);
    void child.exited.then(() => file.close());
    return { child, logPath: file.path };
  };

  return {
    /**
     * For Redis: the one who starts it also stops it, and its lines go to its file only.
     * @param {import('./processes.mjs').ProcessSpec} spec
     */
    spawnBeneath: (spec) => spawnLogged(spec).child,

    /**
     * @param {import('./house.mjs').Role} role which app it is; several processes may share one
     * @param {{ name: string, env: NodeJS.ProcessEnv, host: string, port: number, readyPath?: string }} options
     * @returns {{ pid: number | undefined, ready: Promise<void> }} `ready` fails with the app's last lines
     */
    start: (role, { name, env, host, port, readyPath = '/readyz' }) => {
      const { child, logPath } = spawnLogged({
        name,
        command: process.execPath,
        args: ['--enable-source-maps', join(root, 'apps', role, 'dist', 'main.js')],
        cwd: root,
        env,
        onLine: (line, stream) => terminal.hear(name, line, stream),
      });
      house.add(role, child);
      const url = `http://${reachableHost(host)}:${port}${readyPath}`;
      const ready = untilReady(child, { url, logPath }).then(() => house.watch(child));
      return { pid: child.pid, ready };
    },
  };
};
