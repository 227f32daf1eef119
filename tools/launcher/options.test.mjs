import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseOptions, usage } from './options.mjs';

describe('the options of npm start', () => {
  it('default to one fetcher, with the log lines in files', () => {
    assert.deepEqual(parseOptions([]), { fetchers: 1, logs: false, help: false });
  });

  it('take a number of fetchers in both spellings', () => {
    assert.equal(parseOptions(['--fetchers', '3']).fetchers, 3);
    assert.equal(parseOptions(['--fetchers=8', '--logs']).fetchers, 8);
  });

  for (const wrong of ['0', '9', '1.5', 'two', '-1', ''])
    it(`refuse "${wrong}" fetchers in one sentence`, () => {
      assert.throws(() => parseOptions([`--fetchers=${wrong}`]), {
        exitCode: 2,
        message:
          /^--fetchers takes a whole number from 1 to 8, not .*\. See npm start -- --help\.$/,
      });
    });

  for (const argv of [
    ['--fetcher', '2'],
    ['-x'],
    ['2'],
    ['--logs=yes'],
    ['--', 'x'],
    ['--no-logs'],
  ])
    it(`refuse ${argv.join(' ')} with exit code 2`, () => {
      assert.throws(() => parseOptions(argv), { name: 'StartProblem', exitCode: 2 });
    });

  it('are all told by --help', () => {
    assert.equal(parseOptions(['-h']).help, true);
    for (const option of ['--fetchers', '--logs', '--help']) assert.ok(usage.includes(option));
  });
});
