import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { closingLine, skippedAloud, tallyOf } from './tally.mjs';

describe('the tally of a test run', () => {
  it('adds up what Jest says of each project, colours and cached replays included', () => {
    const output = [
      '> nx run @glasshouse/flags:test  [local cache]',
      '\u001b[1mTest Suites: \u001b[22m\u001b[1m\u001b[32m4 passed\u001b[39m\u001b[22m, 4 total',
      '\u001b[1mTests:       \u001b[22m\u001b[1m\u001b[32m30 passed\u001b[39m\u001b[22m, 30 total',
      'Snapshots:   0 total',
      '> nx run @glasshouse/gateway:test',
      'Test Suites: 1 failed, 2 skipped, 8 passed, 9 of 11 total',
      'Tests:       2 failed, 3 skipped, 1 todo, 40 passed, 46 total',
    ].join('\n');
    assert.deepEqual(tallyOf(output), { passed: 70, failed: 2, skipped: 4 });
  });

  it('counts a suite that cannot be loaded as a failure', () => {
    const output = 'Test Suites: 1 failed, 1 total\nTests:       0 total\n';
    assert.deepEqual(tallyOf(output), { passed: 0, failed: 1, skipped: 0 });
  });

  it("reads node's own runner", () => {
    const output = 'ℹ tests 14\nℹ pass 10\nℹ fail 1\nℹ cancelled 1\nℹ skipped 2\nℹ todo 0\n';
    assert.deepEqual(tallyOf(output), { passed: 10, failed: 2, skipped: 2 });
  });

  it('finds nothing in other words', () => {
    const output = 'a test that says: Tests: 3 passed\nℹ pass many\n';
    assert.deepEqual(tallyOf(output), { passed: 0, failed: 0, skipped: 0 });
  });

  it('repeats once what was skipped aloud', () => {
    const line = 'SKIPPED: no redis-server on the PATH';
    assert.deepEqual(skippedAloud(`x\n  ${line}\nPASS y\n${line}\n`), [line]);
  });

  it('closes with the line that machines read', () => {
    assert.equal(closingLine({ passed: 3, failed: 0, skipped: 0 }), '3 passed, 0 failed');
    assert.equal(
      closingLine({ passed: 3, failed: 1, skipped: 2 }),
      '3 passed, 1 failed, 2 skipped',
    );
  });
});
