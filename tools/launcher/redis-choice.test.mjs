import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { chooseRedis } from './redis-choice.mjs';

const root = mkdtempSync(join(tmpdir(), 'glasshouse-choice-'));
after(() => rmSync(root, { recursive: true, force: true }));

/** @param {string} folder @param {string} name @param {number} [mode] */
const program = (folder, name, mode = 0o755) => {
  mkdirSync(join(root, folder), { recursive: true });
  const path = join(root, folder, name);
  writeFileSync(path, '#!/bin/sh\n', { mode });
  return path;
};

describe('which Redis a run uses', () => {
  const redis = program('a', 'redis-server');
  const valkey = program('b', 'valkey-server');
  const named = program('c', 'my-redis');
  const plain = program('d', 'redis-server', 0o644);
  const both = [join(root, 'b'), join(root, 'a')].join(delimiter);

  it('is the one of REDIS_URL before any other', () => {
    const url = 'redis://127.0.0.1:1';
    assert.deepEqual(chooseRedis({ redisUrl: url, redisServerBin: named, path: both }), {
      kind: 'given',
      url,
    });
  });

  it('then the program that was named', () => {
    const choice = chooseRedis({ redisServerBin: named, path: both });
    assert.deepEqual(choice, { kind: 'server', path: named });
  });

  it('then redis-server, then valkey-server on the PATH', () => {
    assert.deepEqual(chooseRedis({ path: both }), { kind: 'server', path: redis });
    assert.deepEqual(chooseRedis({ path: join(root, 'b') }), { kind: 'server', path: valkey });
  });

  it('is the stand-in when nothing that can be run is found', () => {
    for (const path of ['', join(root, 'empty'), join(root, 'd')])
      assert.deepEqual(chooseRedis({ path }), { kind: 'stand-in' });
  });

  it('says so when the named program cannot be run', () => {
    for (const path of [plain, join(root, 'nothing'), root])
      assert.throws(() => chooseRedis({ redisServerBin: path, path: both }), {
        message: `REDIS_SERVER_BIN is "${path}", which is not a program that can be run: correct or unset it.`,
      });
  });
});
