import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * The launcher's end of the pipe to the caretaker (caretaker.mjs). Losing the caretaker is no reason to stop: it only
 * matters if the launcher is killed, too.
 *
 * @param {{ env: NodeJS.ProcessEnv }} options
 */
export const startCaretaker = ({ env }) => {
  const script = fileURLToPath(new URL('./caretaker.mjs', import.meta.url));
  const child = spawn(process.execPath, [script], {
    env,
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    windowsHide: true,
  });
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  child.unref();
  /** @type {any} */ (child.stdin).unref?.();

  /** @param {Record<string, unknown>} message */
  const tell = (message) => {
    if (child.stdin.writable) child.stdin.write(`${JSON.stringify(message)}\n`);
  };
  return {
    pid: child.pid,
    /** @param {import('./processes.mjs').ManagedProcess} managed */
    watch: (managed) => {
      const { pid } = managed;
      if (pid === undefined) return;
      tell({ watch: pid });
      void managed.exited.then(() => tell({ forget: pid }));
    },
    /** @param {string} path */
    watchFolder: (path) => tell({ folder: path }),
    /** @param {{ path: string, pid: number, startedAt: string }} run */
    watchRun: (run) => tell({ run }),
    /** @returns {Promise<void>} once it has gone */
    dismiss: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
          resolve();
          return;
        }
        child.ref();
        child.once('exit', () => resolve());
        tell({ done: true });
        child.stdin.end();
      }),
  };
};
