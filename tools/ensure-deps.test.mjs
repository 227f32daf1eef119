import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { spawnManaged } from './launcher/processes.mjs';

const root = mkdtempSync(join(tmpdir(), 'glasshouse-deps-'));
after(() => rmSync(root, { recursive: true, force: true }));
const script = join(root, 'tools', 'ensure-deps.mjs');
const stamp = join(root, 'node_modules', '.lock-hash');
const npm = join(root, 'npm-cli.js');

/** An npm that writes down its words, makes the folder and ends as told. @param {number} exitCode @param {number} [afterMs] */
const fakeNpm = (exitCode, afterMs = 0) =>
  writeFileSync(
    npm,
    `const { mkdirSync, appendFileSync } = require('node:fs');
appendFileSync(${JSON.stringify(join(root, 'calls.txt'))}, process.argv.slice(2).join(' ') + '\\n');
mkdirSync(${JSON.stringify(join(root, 'node_modules'))}, { recursive: true });
setTimeout(() => process.exit(${exitCode}), ${afterMs});`,
  );

/** @type {import('./launcher/processes.mjs').ManagedProcess | undefined} */
let latest;
const run = async () => {
  /** @type {string[]} */
  const said = [];
  const child = spawnManaged({
    name: 'ensure-deps',
    command: process.execPath,
    args: [script],
    env: { PATH: process.env['PATH'], npm_execpath: npm, npm_node_execpath: process.execPath },
    onLine: (line, stream) => said.push(`${stream}: ${line}`),
  });
  latest = child;
  return { code: (await child.exited).code, said };
};

const calls = () =>
  existsSync(join(root, 'calls.txt'))
    ? readFileSync(join(root, 'calls.txt'), 'utf8').trim().split('\n')
    : [];

beforeEach(() => {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(join(root, 'tools'), { recursive: true });
  copyFileSync(fileURLToPath(new URL('./ensure-deps.mjs', import.meta.url)), script);
  writeFileSync(join(root, 'package-lock.json'), '{ "lockfileVersion": 3 }');
});

describe('the dependencies', () => {
  it('are installed once, with a line before and after on stderr, and again for another lock', async () => {
    fakeNpm(0);
    const first = await run();
    assert.equal(first.code, 0);
    assert.match(
      first.said.join('\n'),
      /^err: Installing the dependencies.*\nerr: Dependencies installed in \d+ s\.$/,
    );
    assert.deepEqual(calls(), ['ci --no-audit --no-fund --loglevel=error']);
    assert.deepEqual(await run(), { code: 0, said: [] });
    assert.equal(calls().length, 1);
    writeFileSync(join(root, 'package-lock.json'), '{ "lockfileVersion": 3, "name": "x" }');
    await run();
    assert.equal(calls().length, 2);
  });

  it('that cannot be installed are said in a sentence and tried again the next time', async () => {
    fakeNpm(7);
    const { code, said } = await run();
    assert.equal(code, 1);
    assert.match(String(said.at(-1)), /could not be installed: npm ci ended with exit code 7/);
    assert.ok(!existsSync(stamp));
    fakeNpm(0);
    assert.equal((await run()).code, 0);
    assert.ok(existsSync(stamp));
  });

  it('are installed by one command at a time', async () => {
    fakeNpm(0, 300);
    const results = await Promise.all([run(), run()]);
    assert.deepEqual(
      results.map(({ code }) => code),
      [0, 0],
    );
    assert.equal(calls().length, 1);
    assert.equal(results.filter(({ said }) => /another command/.test(said.join())).length, 1);
    writeFileSync(join(root, 'var', 'installing'), '4194305'); // Left by one that was killed.
    rmSync(stamp);
    assert.equal((await run()).code, 0);
  });

  it('are not half installed when the command is stopped', async () => {
    fakeNpm(0, 60_000);
    const running = run();
    while (calls().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(await latest?.stop(5000), { forced: false });
    const { code, said } = await running;
    assert.equal(code, 1);
    assert.match(said.join('\n'), /Stopped while installing/);
    assert.ok(!existsSync(stamp) && !existsSync(join(root, 'var', 'installing')));
  });
});
