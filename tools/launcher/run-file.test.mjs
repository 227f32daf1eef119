import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { isAlive, isRunning, markRunEnded, readRunFile, writeRunFile } from './run-file.mjs';

const folder = mkdtempSync(join(tmpdir(), 'glasshouse-run-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'var', 'run.json');

/** @type {import('./run-file.mjs').Run} */
const run = {
  v: 1,
  startedAt: '2026-01-01T00:00:00.000Z',
  pid: process.pid,
  redisUrl: 'redis://:secret@127.0.0.1:6400',
  host: '127.0.0.1',
  ports: { gateway: 3000 },
  pids: { gateway: 1 },
  dataSource: 'sandbox',
  plan: 'standard',
  rpm: 250,
  windowMs: 60_000,
};

describe('the run file', () => {
  it('comes back as it was written, readable by its owner alone, with no draft left', () => {
    writeRunFile(path, run);
    assert.deepEqual(readRunFile(path), run);
    if (process.platform !== 'win32') assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(join(folder, 'var')), ['run.json']);
  });

  it('notes the end of its own run only', () => {
    writeRunFile(path, run);
    markRunEnded(path, { pid: run.pid, startedAt: '2020-01-01T00:00:00.000Z' });
    assert.equal(readRunFile(path)?.endedAt, undefined);
    assert.ok(isRunning(readRunFile(path)));
    markRunEnded(path, run, new Date('2026-01-01T00:01:00Z'));
    assert.equal(readRunFile(path)?.endedAt, '2026-01-01T00:01:00.000Z');
    assert.ok(!isRunning(readRunFile(path)));
  });

  it('counts as absent when it is missing, broken or of another shape', () => {
    assert.equal(readRunFile(join(folder, 'none.json')), undefined);
    for (const text of ['', '{', 'null', '{"v":2,"redisUrl":"x"}', '{"v":1}']) {
      writeFileSync(path, text);
      assert.equal(readRunFile(path), undefined);
    }
  });

  it('knows a living process from a dead one', () => {
    assert.ok(isAlive(process.pid));
    assert.ok(!isAlive(2 ** 22 + 1));
  });
});
