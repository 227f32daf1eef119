import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { openLogFile } from './log-file.mjs';
import { createMask, createRepeatFilter, isProblem, readLogLine } from './log-lines.mjs';

describe("an app's log line", () => {
  it('is told by level, message and facts, without what every line has', () => {
    const line =
      '{"level":50,"time":1,"pid":7,"hostname":"h","msg":"no answer","endpoint":"etf","n":3}';
    assert.deepEqual(readLogLine(line, 'out'), {
      level: 'error',
      text: 'no answer  endpoint=etf  n=3',
    });
  });

  it('is a complaint when it is plain text on stderr, a remark on stdout', () => {
    assert.ok(isProblem(readLogLine('cannot start', 'err')));
    assert.ok(!isProblem(readLogLine('SANDBOX: invented figures', 'out')));
    assert.ok(!isProblem(readLogLine('', 'err')));
    assert.equal(readLogLine('{"level":"warn","msg":"x"}', 'out').level, 'warn');
    assert.equal(readLogLine('{broken', 'err').text, '{broken');
  });

  it('loses every known secret', () => {
    const mask = createMask(['s3cret-key', undefined, 'no']);
    assert.equal(mask('a s3cret-key, no b s3cret-key'), 'a ***, no b ***');
  });
});

describe('repeated problems', () => {
  it('pass once in a while, with the number of those held back', () => {
    let now = 0;
    const filter = createRepeatFilter({ everyMs: 1000, now: () => now });
    assert.deepEqual(filter('fetcher', 'vendor away, try 1'), { pass: true, heldBack: 0 });
    assert.equal(filter('fetcher', 'vendor away, try 2').pass, false);
    assert.equal(filter('gateway', 'vendor away, try 2').pass, true);
    now = 1000;
    assert.deepEqual(filter('fetcher', 'vendor away, try 3'), { pass: true, heldBack: 1 });
  });
});

describe('a log file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'glasshouse-logs-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const read = (/** @type {string} */ name) => readFileSync(join(folder, name), 'utf8');

  it('keeps the lines of the run before, and never more than two files', () => {
    for (const run of ['first', 'second', 'third']) {
      const file = openLogFile({ folder, name: 'gateway' });
      file.write(run);
      file.close();
    }
    assert.equal(read('gateway.log'), 'third\n');
    assert.equal(read('gateway.previous.log'), 'second\n');
  });

  it('moves on when it has grown to its bound', () => {
    const file = openLogFile({ folder, name: 'fetcher', bytesMax: 10 });
    for (const line of ['12345', '67890', 'next']) file.write(line);
    file.close();
    assert.equal(read('fetcher.log'), 'next\n');
    assert.equal(read('fetcher.previous.log'), '12345\n67890\n');
  });
});
