/**
 * Makes `npm start`, `npm test` and the others work on a fresh clone: installs the locked dependencies when they are
 * missing or were installed for another lock file, another system or another processor. Runs before everything else,
 * on whatever Node the machine has (20 or newer), so it may use built-ins only and nothing newer than Node 20 offers.
 * It speaks on stderr: stdout belongs to the command that follows (`npm run -s check -- --json`).
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const stamp = join(modules, '.lock-hash');

const say = (/** @type {string} */ line) => process.stderr.write(`${line}\n`);

/** @param {string} sentence */
const giveUp = (sentence) => {
  say(sentence);
  process.exit(1);
};

/** What the installed tree was made from: the lock file, the system, the processor. */
const wantedHash = () =>
  createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .update(`${process.platform} ${process.arch}`)
    .digest('hex');

/**
 * npm names its own script and its own Node; going through them needs neither a shell nor npm on the PATH, and does not
 * run on the carried Node, which npm ci is about to replace.
 */
const npmCi = () => {
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  /** @type {import('node:child_process').SpawnSyncOptions} */
  const options = { cwd: root, stdio: ['ignore', 2, 2] };
  const node = process.env.npm_node_execpath ?? process.execPath;
  if (npm && /\.[cm]?js$/.test(npm)) return spawnSync(node, [npm, ...args], options);
  return spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
};

/** The Node the project carries must run here; on musl (Alpine) or an unlisted processor it does not. */
const carriedNodeRuns = () => {
  const file = process.platform === 'win32' ? 'node.cmd' : 'node';
  const path = join(modules, '.bin', file);
  if (!existsSync(path)) return false;
  return (
    spawnSync(path, ['--version'], { stdio: 'ignore', shell: process.platform === 'win32' })
      .status === 0
  );
};

const ownNodeSuffices = () => Number(process.versions.node.split('.')[0]) >= 26;

const hash = wantedHash();
const installed = existsSync(stamp) ? readFileSync(stamp, 'utf8').trim() : '';
if (installed !== hash) {
  const startedAt = Date.now();
  say('Installing the dependencies (npm ci); this happens once and takes about a minute …');
  const result = npmCi();
  if (result.error)
    giveUp(`The dependencies could not be installed: npm did not start (${result.error.message}).`);
  if (result.status !== 0)
    giveUp(
      `The dependencies could not be installed: npm ci ended with ${result.signal ?? `exit code ${result.status}`}; its own words stand above. Check the network and the registry, then run the command again.`,
    );
  if (!carriedNodeRuns() && !ownNodeSuffices())
    giveUp(
      `The Node that comes with the project does not run on this system (${process.platform} ${process.arch}), and yours is ${process.version}: install Node 26, or use the container image (docker compose --profile sandbox up).`,
    );
  writeFileSync(stamp, `${hash}\n`);
  say(`Dependencies installed in ${Math.round((Date.now() - startedAt) / 1000)} s.`);
}
