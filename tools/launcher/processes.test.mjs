import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { House } from './house.mjs';
import { spawnManaged } from './processes.mjs';
import { isAlive } from './run-file.mjs';
import { survivors } from './testing/fake-house.mjs';

/** @param {string} script @param {Partial<import('./processes.mjs').ProcessSpec>} [more] */
const run = (script, more = {}) =>
  spawnManaged({
    name: 'child',
    command: process.execPath,
    args: ['-e', script],
    env: { PATH: process.env['PATH'] },
    ...more,
  });

/** @param {string} script */
const runUntilReady = async (script) => {
  /** @type {PromiseWithResolvers<void>} */
  const ready = Promise.withResolvers();
  const child = run(`${script}; console.log('ready')`, { onLine: () => ready.resolve() });
  await ready.promise;
  return child;
};

const patient = 'setInterval(() => {}, 1000)';
const deaf = `process.on('SIGTERM', () => {}); ${patient}`;

describe('a child process', () => {
  it('is heard to its last line, with its secrets taken out', async () => {
    /** @type {string[]} */
    const heard = [];
    const child = run(
      'console.log("one s3cret"); process.stderr.write("two"); process.exitCode = 3',
      {
        mask: (line) => line.replaceAll('s3cret', '***'),
        onLine: (line, stream) => heard.push(`${stream}: ${line}`),
      },
    );
    assert.equal((await child.exited).told, 'exit code 3');
    assert.deepEqual(heard.toSorted(), ['err: two', 'out: one ***']);
    assert.ok(child.tail.includes('one ***'));
  });

  it('ends when asked, and by force when it does not', async () => {
    const polite = await runUntilReady(patient);
    assert.deepEqual(await polite.stop(5000), { forced: false });
    const stubborn = await runUntilReady(deaf);
    assert.deepEqual(await stubborn.stop(100), { forced: true });
    assert.ok(!isAlive(Number(polite.pid)) && !isAlive(Number(stubborn.pid)));
    assert.deepEqual(await polite.stop(0), { forced: false });
  });

  it('takes its own children along when it is ended by force', async () => {
    /** @type {PromiseWithResolvers<number>} */
    const grandchild = Promise.withResolvers();
    const child = run(
      `const { spawn } = require('node:child_process');
       const kid = spawn(process.execPath, ['-e', ${JSON.stringify(patient)}]);
       ${deaf}; console.log(kid.pid);`,
      { onLine: (line) => grandchild.resolve(Number(line)) },
    );
    const pid = await grandchild.promise;
    assert.ok(isAlive(pid));
    await child.stop(50);
    assert.deepEqual(await survivors([pid]), []);
  });

  it('that cannot be started ends with the reason', async () => {
    const child = run('', { command: '/no/such/program' });
    assert.match((await child.exited).told, /could not be started: .*ENOENT/);
  });
});

describe('the house', () => {
  it('ends those who ask before those who answer, and what they stood on last', async () => {
    /** @type {string[]} */
    const order = [];
    const house = new House({ onDeath: () => assert.fail('nobody died uncalled') });
    house.lastly(async () => void order.push('redis'));
    for (const role of /** @type {const} */ (['sandbox', 'fetcher', 'gateway', 'health'])) {
      const child = await runUntilReady(patient);
      void child.exited.then(() => order.push(role));
      house.add(role, child);
      house.watch(child);
    }
    assert.deepEqual(await house.end(), []);
    await house.finish();
    assert.deepEqual(order, ['health', 'gateway', 'fetcher', 'sandbox', 'redis']);
  });

  it('hears of a death, and ends what is added too late', async () => {
    /** @type {PromiseWithResolvers<string>} */
    const death = Promise.withResolvers();
    const house = new House({ onDeath: ({ name }) => death.resolve(name) });
    const child = run('process.exit(1)');
    house.add('gateway', child);
    house.watch(child);
    assert.equal(await death.promise, 'child');
    await house.end();
    const late = await runUntilReady(patient);
    house.add('health', late);
    await house.finish();
    assert.ok(!isAlive(Number(late.pid)));
  });
});
