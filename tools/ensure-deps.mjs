/**
 * Makes `npm start`, `npm test` and the others work on a fresh clone: installs the locked dependencies when they are
 * missing or were installed for another lock file, another system or another processor. Runs before everything else,
 * on whatever Node the machine has (20 or newer), so it may use built-ins only and nothing newer than Node 20 offers.
 * It speaks on stderr: stdout belongs to the command that follows (`npm run -s check -- --json`).
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const stamp = join(modules, '.lock-hash');
/** Two installs at once would spoil each other: whoever holds this file (its process id is in it) installs. */
const turn = join(root, 'var', 'installing');
const isWindows = process.platform === 'win32';

const say = (/** @type {string} */ line) => process.stderr.write(`${line}\n`);

/** What the installed tree was made from: the lock file, the system, the processor. */
const wantedHash = () =>
  createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .update(`${process.platform} ${process.arch}`)
    .digest('hex');

const isInstalled = () => existsSync(stamp) && readFileSync(stamp, 'utf8').trim() === wantedHash();

/** @param {number} pid */
const isAlive = (pid) => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
};

const takeTurn = async () => {
  mkdirSync(dirname(turn), { recursive: true });
  for (let waits = 0; ; waits += 1) {
    try {
      writeFileSync(turn, String(process.pid), { flag: 'wx' });
      return;
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    }
    const holder = existsSync(turn) ? Number(readFileSync(turn, 'utf8')) : 0;
    if (holder > 0 && !isAlive(holder)) rmSync(turn, { force: true });
    else if (waits === 0) say('The dependencies are being installed by another command; waiting …');
    await sleep(200);
  }
};

/**
 * npm names its own script and its own Node; going through them needs neither a shell nor npm on the PATH, and does not
 * run on the carried Node, which npm ci is about to replace.
 *
 * @returns {Promise<string | undefined>} why it failed
 */
const npmCi = () =>
  new Promise((resolve) => {
    const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
    const npm = process.env.npm_execpath;
    const node = process.env.npm_node_execpath ?? process.execPath;
    const viaScript = npm !== undefined && /\.[cm]?js$/.test(npm);
    /** @type {import('node:child_process').SpawnOptions} */
    const options = { cwd: root, stdio: ['ignore', 2, 2], shell: !viaScript && isWindows };
    const child = viaScript ? spawn(node, [npm, ...args], options) : spawn('npm', args, options);
    // Whoever stops us stops the install: it must not go on behind the next one's back.
    for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
      process.on(name, () => {
        wasStopped = true;
        child.kill('SIGTERM');
      });
    child.once('error', ({ message }) => resolve(`npm did not start (${message})`));
    child.once('exit', (code, signal) =>
      resolve(code === 0 ? undefined : `npm ci ended with ${signal ?? `exit code ${code}`}`),
    );
  });

let wasStopped = false;

/** The Node the project carries must run here; on musl (Alpine) or an unlisted processor it does not. */
const hasNode = () => {
  const carried = join(modules, '.bin', isWindows ? 'node.cmd' : 'node');
  const runs =
    existsSync(carried) &&
    spawnSync(carried, ['--version'], { stdio: 'ignore', shell: isWindows }).status === 0;
  return runs || Number(process.versions.node.split('.')[0]) >= 26;
};

/** @returns {Promise<string | undefined>} why it failed, as a sentence */
const install = async () => {
  const startedAt = Date.now();
  say('Installing the dependencies (npm ci); this happens once and takes about a minute …');
  rmSync(stamp, { force: true }); // What is half installed must not look whole.
  const hash = wantedHash();
  const trouble = await npmCi();
  if (wasStopped) return 'Stopped while installing; the next command starts over.';
  if (trouble !== undefined)
    return `The dependencies could not be installed: ${trouble}; its own words stand above. Check the network and the registry, then run the command again.`;
  if (!hasNode())
    return `The Node that comes with the project does not run on this system (${process.platform} ${process.arch}), and yours is ${process.version}: install Node 26, or use the container image (docker compose).`;
  writeFileSync(stamp, `${hash}\n`);
  say(`Dependencies installed in ${Math.round((Date.now() - startedAt) / 1000)} s.`);
  return undefined;
};

if (!isInstalled()) {
  await takeTurn();
  try {
    const problem = isInstalled() ? undefined : await install();
    if (problem !== undefined) {
      say(problem);
      process.exitCode = 1;
    }
  } finally {
    rmSync(turn, { force: true });
  }
}
