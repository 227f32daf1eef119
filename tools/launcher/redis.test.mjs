import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, it } from 'node:test';
import { spawnManaged } from './processes.mjs';
import { findRedisServer } from './redis-choice.mjs';
import { redisTrouble } from './redis-ping.mjs';
import { startRedis } from './redis.mjs';

const path = findRedisServer({ path: process.env['PATH'] });
const outside = Object.values(networkInterfaces())
  .flatMap((list) => list ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

/** @param {string} host @param {string} url @returns {Promise<boolean>} */
const reaches = (host, url) =>
  new Promise((resolve) => {
    const socket = connect({ host, port: Number(new URL(url).port), timeout: 1000 });
    for (const name of ['error', 'timeout'])
      socket.once(name, () => {
        socket.destroy();
        resolve(false);
      });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });

/** @param {import('./redis.mjs').RunningRedis} redis */
const isPrivate = async (redis) => {
  assert.ok(await reaches('127.0.0.1', redis.url));
  if (outside !== undefined) assert.ok(!(await reaches(outside, redis.url)));
};

describe('a private Redis', () => {
  const choice = { kind: /** @type {const} */ ('server'), path: String(path) };
  const skip = path === undefined ? 'no redis-server on the PATH' : false;

  it('answers on this machine only, and takes its folder with it', { skip }, async () => {
    let folder = '';
    const onFolder = (/** @type {string} */ created) => (folder = created);
    const redis = await startRedis(choice, { spawn: spawnManaged, onFolder });
    assert.equal(await redisTrouble(redis.url), undefined);
    assert.ok(redis.isOurs && existsSync(folder));
    await isPrivate(redis);
    await redis.stop();
    assert.ok(!existsSync(folder));
    assert.equal(await redisTrouble(redis.url), 'nothing listens there');
  });
});

describe('the stand-in for Redis', () => {
  it('answers on this machine only, says what it is, and closes though clients hang on', async () => {
    const redis = await startRedis({ kind: 'stand-in' }, { spawn: spawnManaged });
    assert.equal(await redisTrouble(redis.url), undefined);
    assert.match(String(redis.notice), /for development: slow, and it keeps nothing/);
    await isPrivate(redis);
    const client = connect(Number(new URL(redis.url).port), '127.0.0.1');
    client.on('error', () => {});
    await new Promise((resolve) => client.once('connect', resolve));
    await redis.stop();
    assert.equal(await redisTrouble(redis.url), 'nothing listens there');
  });
});
