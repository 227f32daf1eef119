import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../ports.mjs';
import { isAlive, readRunFile } from '../run-file.mjs';

/**
 * For the launcher's specs: a workspace in a temporary folder whose apps are a few lines each, keep to the apps'
 * contract (ports, /readyz, SIGTERM), write down their environment, and misbehave when told to. The launcher that runs
 * on it is the real one, in a process of its own; only the build is left out.
 */

const fakeApp = `
import { createServer } from 'node:http';
import { writeFileSync } from 'node:fs';
const name = process.argv[1].split('/').at(-3);
const port = Number(process.env[name.toUpperCase() + '_PORT']);
const told = process.env.GLASSHOUSE_FAKE ?? '';
writeFileSync(new URL('../env-' + port + '.json', import.meta.url), JSON.stringify(process.env));
if (told === name + ':bad-config') {
  process.stderr.write('COINGLASS_PLAN must be one of hobbyist, startup, standard\\n');
  process.exit(1);
}
console.log(JSON.stringify({ level: 30, msg: name + ' begins', key: process.env.COINGLASS_API_KEY }));
if (told === name + ':warns') console.log(JSON.stringify({ level: 40, msg: 'the store is slow' }));
const startCheck = { verdict: 'pass', passed: 6, warned: 0, failed: 0 };
const server = createServer((request, response) => {
  if (request.url === '/health') response.end(JSON.stringify({ startCheck }));
  else response.end('ok');
  if (told === name + ':dies' && request.url === '/readyz')
    setTimeout(() => { console.error('out of luck'); process.exit(7); }, 1_500);
});
server.listen(port, process.env.HOST);
process.on('SIGTERM', () => {
  writeFileSync(new URL('../../ended.txt', import.meta.url), name + '\\n', { flag: 'a' });
  if (told === name + ':deaf') return;
  server.close(() => process.exit(0));
  server.closeAllConnections();
});
`;

const launchUrl = new URL('../launch.mjs', import.meta.url).href;
const appNames = ['gateway', 'fetcher', 'health', 'sandbox'];

export const createFakeHouse = async () => {
  const root = mkdtempSync(join(tmpdir(), 'glasshouse-launcher-'));
  const put = (/** @type {string} */ path, /** @type {string} */ text) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  put('package.json', '{ "type": "module" }');
  mkdirSync(join(root, 'tmp'));
  for (const name of appNames) put(`apps/${name}/dist/main.js`, fakeApp);
  put(
    'run.mjs',
    `import { launch } from ${JSON.stringify(launchUrl)};
process.exitCode = await launch({ argv: process.argv.slice(2), root: ${JSON.stringify(root)}, build: async () => {} });
`,
  );
  const ports = {
    GATEWAY_PORT: String(await freePort()),
    FETCHER_PORT: String(await freePort()),
    HEALTH_PORT: String(await freePort()),
    SANDBOX_PORT: String(await freePort()),
  };
  return {
    root,
    ports,
    put,
    runPath: join(root, 'var', 'run.json'),
    read: (/** @type {string} */ path) => readFileSync(join(root, path), 'utf8'),
    /** Temporary folders of Redis that still exist. */
    redisFolders: () => readdirSync(join(root, 'tmp')),
    /** What the app saw. @param {string} app @param {string | number} [port] @returns {Record<string, string>} */
    envOf: (app, port = ports[/** @type {keyof typeof ports} */ (`${app.toUpperCase()}_PORT`)]) =>
      JSON.parse(readFileSync(join(root, 'apps', app, `env-${port}.json`), 'utf8')),
    /** @param {{ argv?: string[], env?: Record<string, string> }} [options] */
    launch: ({ argv = [], env = {} } = {}) => runLauncher(root, argv, { ...ports, ...env }),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
};

/** @param {string} root @param {string[]} argv @param {Record<string, string>} env */
const runLauncher = (root, argv, env) => {
  const child = spawn(process.execPath, [join(root, 'run.mjs'), ...argv], {
    env: { PATH: process.env['PATH'], HOME: root, TMPDIR: join(root, 'tmp'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk) => (text.out += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk) => (text.err += chunk));
  /** @type {Promise<number | NodeJS.Signals | null>} */
  const exited = new Promise((resolve) =>
    child.once('close', (code, signal) => resolve(code ?? signal)),
  );
  return {
    pid: /** @type {number} */ (child.pid),
    text,
    exited,
    kill: (/** @type {NodeJS.Signals} */ name) => child.kill(name),
    /** Resolves when the words were printed; fails with what was printed instead when it ended. @param {string} words */
    untilSaid: async (words) => {
      const until = Date.now() + 15_000;
      while (!text.out.includes(words)) {
        if (child.exitCode !== null || Date.now() > until)
          throw new Error(`never said "${words}" but:\n${text.out}\n${text.err}`);
        await sleep(20);
      }
    },
    pids: () => {
      const run = readRunFile(join(root, 'var', 'run.json'));
      return run === undefined ? [] : Object.values(run.pids);
    },
  };
};

/** @param {readonly number[]} pids @param {number} [boundMs] @returns {Promise<number[]>} those still there after the bound */
export const survivors = async (pids, boundMs = 5000) => {
  const until = Date.now() + boundMs;
  while (pids.some(isAlive) && Date.now() < until) await sleep(20);
  return pids.filter(isAlive);
};
