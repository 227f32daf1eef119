/**
 * A small process that outlives the launcher by a moment: when the launcher dies without having cleaned up (kill -9, out
 * of memory), the pipe between them closes, and the caretaker ends what is left, newest first, removes the temporary
 * folder and notes the end of the run. After an orderly stop it hears `done` and has nothing to do.
 *
 * Lines it hears: {"watch":PID} {"forget":PID} {"folder":PATH} {"run":{"path","pid","startedAt"}} {"done":true}
 */
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, markRunEnded } from './run-file.mjs';

const endBoundMs = 26_000;
const pollEveryMs = 50;

/** @type {number[]} */
let watched = [];
/** @type {Set<string>} */
const folders = new Set();
/** @type {{ path: string, pid: number, startedAt: string } | undefined} */
let run;

// The signals that end a terminal's programs are for the launcher; this one goes when the launcher has gone.
for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
  process.on(name, () => {});

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const message = JSON.parse(line);
    if (message.done) process.exit(0);
    if (message.watch) watched.push(message.watch);
    if (message.forget) watched = watched.filter((pid) => pid !== message.forget);
    if (message.folder) folders.add(message.folder);
    if (message.run) run = message.run;
  })
  .on('close', () => {
    void cleanUp();
  });

const cleanUp = async () => {
  for (const pid of watched.toReversed()) await end(pid);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  if (run !== undefined) markRunEnded(run.path, run);
  process.exit(0);
};

/** @param {number} pid */
const end = async (pid) => {
  const until = Date.now() + endBoundMs;
  send(pid, 'SIGTERM');
  while (isAlive(pid) && Date.now() < until) await sleep(pollEveryMs);
  if (isAlive(pid)) send(pid, 'SIGKILL');
};

/** @param {number} pid @param {NodeJS.Signals} name */
const send = (pid, name) => {
  try {
    process.kill(pid, name);
  } catch {
    // Gone already.
  }
};
