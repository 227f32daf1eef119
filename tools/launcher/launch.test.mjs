import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { freePort } from './ports.mjs';
import { findRedisServer } from './redis-choice.mjs';
import { isAlive, readRunFile } from './run-file.mjs';
import { createFakeHouse, survivors } from './testing/fake-house.mjs';

/** @type {Awaited<ReturnType<typeof createFakeHouse>>} */
let house;
/** @type {ReturnType<typeof house.launch>[]} */
let launched = [];
/** @param {Parameters<typeof house.launch>[0]} [options] */
const launch = (options) => {
  const launcher = house.launch(options);
  launched.push(launcher);
  return launcher;
};

const needsServer = {
  skip: findRedisServer({ path: process.env['PATH'] }) ? false : 'no redis-server on the PATH',
};

/** A PATH on which no Redis server is found, so that these specs need none. */
let barePath = '';
before(async () => {
  house = await createFakeHouse();
  barePath = join(house.root, 'bare-path');
  mkdirSync(barePath);
  symlinkSync(process.execPath, join(barePath, 'node'));
});
after(() => house.remove());
beforeEach(() => house.put('apps/ended.txt', ''));
afterEach(async () => {
  for (const launcher of launched) launcher.kill('SIGKILL');
  launched = [];
});
const bare = () => ({ PATH: barePath });

describe('a run of the house', () => {
  it('starts everything, says so, and leaves nothing behind on SIGTERM', async () => {
    const launcher = launch({ argv: ['--fetchers', '2'], env: bare() });
    await launcher.untilSaid('start check passed (6 passed)');
    const pids = launcher.pids();
    assert.equal(pids.length, 5);
    const key = house.envOf('sandbox')['SANDBOX_KEY'];
    assert.match(String(key), /^sandbox-/);
    assert.equal(house.envOf('fetcher')['COINGLASS_API_KEY'], key);
    assert.equal(house.envOf('fetcher')['GLASSHOUSE_FRESH_REDIS'], 'true');
    for (const app of ['gateway', 'health'])
      assert.ok(!JSON.stringify(house.envOf(app)).includes(String(key)));
    const second = readRunFile(house.runPath)?.ports['fetcher-2'];
    assert.equal(house.envOf('fetcher', second)['COINGLASS_API_KEY'], key);
    assert.match(launcher.text.out, /NO VENDOR KEY/);
    assert.match(launcher.text.out, /JavaScript stand-in serves as Redis. It is for development/);

    launcher.kill('SIGTERM');
    assert.equal(await launcher.exited, 0);
    assert.deepEqual(await survivors(pids, 0), []);
    assert.deepEqual(house.read('apps/ended.txt').trim().split('\n'), [
      ...['health', 'gateway', 'fetcher', 'fetcher', 'sandbox'],
    ]);
    assert.ok(readRunFile(house.runPath)?.endedAt);
    assert.ok(!(launcher.text.out + house.read('var/log/fetcher.log')).includes(String(key)));
  });

  it('stops on Ctrl-C while it is still starting', async () => {
    const launcher = launch({ env: bare() });
    await launcher.untilSaid('NO VENDOR KEY');
    launcher.kill('SIGINT');
    assert.equal(await launcher.exited, 0, launcher.text.err);
    assert.match(launcher.text.out, /nothing is left running/);
  });

  it('is cleaned up by the caretaker when the launcher itself is killed', async () => {
    const launcher = launch({ env: bare() });
    await launcher.untilSaid('Glasshouse is up');
    const pids = launcher.pids();
    launcher.kill('SIGKILL');
    assert.equal(await launcher.exited, 'SIGKILL');
    assert.deepEqual(await survivors(pids), []);
  });

  it('takes the Redis server on the PATH, and its folder away with it', needsServer, async () => {
    const launcher = launch();
    await launcher.untilSaid('Glasshouse is up');
    assert.match(launcher.text.out, /-server on 127\.0\.0\.1:\d+, private, keeps nothing/);
    const pids = launcher.pids();
    assert.equal(pids.length, 5);
    assert.equal(house.redisFolders().length, 1);
    launcher.kill('SIGTERM');
    assert.equal(await launcher.exited, 0);
    assert.deepEqual(await survivors(pids, 0), []);
    assert.deepEqual(house.redisFolders(), []);
  });

  it('does not use the sandbox when it has a key, and hands it to the fetcher alone', async () => {
    const env = { ...bare(), COINGLASS_API_KEY: 'a-real-looking-key', LOG_LEVEL: 'debug' };
    const launcher = launch({ env });
    await launcher.untilSaid('CoinGlass, the real vendor');
    assert.doesNotMatch(launcher.text.out, /SANDBOX|NO VENDOR KEY/);
    assert.equal(house.envOf('fetcher')['COINGLASS_API_KEY'], 'a-real-looking-key');
    assert.ok(!('GLASSHOUSE_FRESH_REDIS' in house.envOf('fetcher')));
    for (const app of ['gateway', 'health'])
      assert.ok(!JSON.stringify(house.envOf(app)).includes('a-real-looking-key'));
    assert.ok(!house.read('var/run.json').includes('a-real-looking-key'));
    launcher.kill('SIGTERM');
    assert.equal(await launcher.exited, 0);
  });

  it("shows an app's warnings, and every line with --logs", async () => {
    const env = { ...bare(), GLASSHOUSE_FAKE: 'gateway:warns' };
    const quiet = launch({ env });
    await quiet.untilSaid('the store is slow');
    assert.doesNotMatch(quiet.text.out, /gateway begins/);
    quiet.kill('SIGTERM');
    await quiet.exited;
    const loud = launch({ env, argv: ['--logs'] });
    await loud.untilSaid('gateway begins');
    loud.kill('SIGTERM');
    await loud.exited;
  });
});

describe('a run that cannot go well', () => {
  it('shows the last words of an app that refuses to start', async () => {
    const launcher = launch({ env: { ...bare(), GLASSHOUSE_FAKE: 'health:bad-config' } });
    assert.equal(await launcher.exited, 1);
    assert.match(launcher.text.err, /The health ended before it was ready \(exit code 1\)/);
    assert.match(launcher.text.err, /COINGLASS_PLAN must be one of/);
    assert.deepEqual(await survivors(launcher.pids(), 0), []);
  });

  it('comes down as a whole when an app dies later', async () => {
    const launcher = launch({ env: { ...bare(), GLASSHOUSE_FAKE: 'gateway:dies' } });
    await launcher.untilSaid('Glasshouse is up');
    assert.equal(await launcher.exited, 1);
    assert.match(launcher.text.err, /The gateway ended by itself \(exit code 7\)/);
    assert.match(launcher.text.err, /out of luck/);
    assert.deepEqual(await survivors(launcher.pids(), 0), []);
  });

  it('ends at once on the second Ctrl-C, though an app does not listen', async () => {
    const launcher = launch({ env: { ...bare(), GLASSHOUSE_FAKE: 'gateway:deaf' } });
    await launcher.untilSaid('start check');
    launcher.kill('SIGINT');
    await launcher.untilSaid('Stopping');
    launcher.kill('SIGINT'); // npm hands the first one on: it counts once.
    await sleep(1100);
    assert.ok(launcher.pids().some(isAlive));
    launcher.kill('SIGINT');
    await launcher.exited;
    assert.deepEqual(await survivors(launcher.pids(), 0), []);
  });

  it('names a taken port before anything is started', async () => {
    const server = createServer().listen(Number(house.ports.HEALTH_PORT), '127.0.0.1');
    await once(server, 'listening');
    const launcher = launch({ env: bare() });
    assert.equal(await launcher.exited, 1);
    assert.match(
      launcher.text.err,
      /^\s*Port \d+ for the health \(HEALTH_PORT\) is taken: .*\n\s*$/,
    );
    assert.doesNotMatch(launcher.text.out, /Building/);
    server.close();
  });

  it('refuses to run twice from one folder', async () => {
    const launcher = launch({ env: bare() });
    await launcher.untilSaid('Glasshouse is up');
    const samePorts = launch({ env: bare() });
    assert.equal(await samePorts.exited, 1);
    assert.match(samePorts.text.err, /is taken by the Glasshouse that runs from this folder/);
    const otherPorts = {
      GATEWAY_PORT: '0',
      FETCHER_PORT: '0',
      HEALTH_PORT: '0',
      SANDBOX_PORT: '0',
    };
    const second = launch({ env: { ...bare(), ...otherPorts } });
    assert.equal(await second.exited, 1);
    assert.match(second.text.err, /already running from this folder/);
    launcher.kill('SIGTERM');
    assert.equal(await launcher.exited, 0);
  });

  for (const [what, env, sentence] of /** @type {const} */ ([
    [
      'a malformed URL',
      { COINGLASS_API_KEY: 'kkkk', COINGLASS_BASE_URL: 'nonsense' },
      /BASE_URL is not a usable URL/,
    ],
    [
      'a base URL without a key',
      { COINGLASS_BASE_URL: 'https://x.example' },
      /COINGLASS_BASE_URL is set but/,
    ],
    ['a malformed port', { GATEWAY_PORT: '3000a' }, /GATEWAY_PORT must be a whole number/],
    [
      'a missing REDIS_SERVER_BIN',
      { REDIS_SERVER_BIN: '/no/such' },
      /REDIS_SERVER_BIN is "\/no\/such"/,
    ],
  ]))
    it(`says ${what} in one sentence`, async () => {
      const launcher = launch({ env: { ...bare(), ...env } });
      assert.equal(await launcher.exited, 1);
      assert.match(launcher.text.err, sentence);
      assert.equal(launcher.text.err.trim().split('\n').length, 1);
      assert.equal(launcher.text.out, '');
    });

  it('says an unreachable Redis in one sentence, without its password', async () => {
    const REDIS_URL = `redis://:hunter2@127.0.0.1:${await freePort()}`;
    const launcher = launch({ env: { ...bare(), REDIS_URL } });
    assert.equal(await launcher.exited, 1);
    assert.match(launcher.text.err, /^\s*Redis at redis:\/\/127.*\(REDIS_URL\) cannot be used/);
    assert.doesNotMatch(launcher.text.err + launcher.text.out, /hunter2/);
  });

  it('says a Redis server that does not start with its last words', async () => {
    house.put('broken-redis', '#!/bin/sh\necho cannot allocate memory\nexit 3\n');
    chmodSync(join(house.root, 'broken-redis'), 0o755);
    const REDIS_SERVER_BIN = join(house.root, 'broken-redis');
    const launcher = launch({ env: { PATH: `${barePath}:/bin`, REDIS_SERVER_BIN } });
    assert.equal(await launcher.exited, 1);
    assert.match(launcher.text.err, /cannot be used: it ended \(exit code 3\)/);
    assert.match(launcher.text.err, /cannot allocate memory/);
    assert.deepEqual(house.redisFolders(), []);
  });

  it('refuses an unknown option with exit code 2', async () => {
    const launcher = launch({ argv: ['--fetcher', '2'], env: bare() });
    assert.equal(await launcher.exited, 2);
    assert.match(
      launcher.text.err,
      /^\s*--fetcher is not an option\. See npm start -- --help\.\s*$/,
    );
  });
});
