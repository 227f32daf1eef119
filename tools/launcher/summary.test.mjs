import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkLine, sandboxBanner, summary } from './summary.mjs';

/** @type {import('./summary.mjs').SummaryFacts} */
const facts = {
  tookMs: 4200,
  apps: [
    { name: 'gateway', url: 'http://127.0.0.1:3000', what: 'ask here' },
    { name: 'health', url: 'http://127.0.0.1:3002/health', what: 'state' },
  ],
  redis: 'redis-server on 127.0.0.1:6400',
  dataSource: 'sandbox',
  baseUrl: 'http://127.0.0.1:3900',
  plan: 'standard',
  rpm: 250,
  windowMs: 60_000,
  logFolder: 'var/log/',
  gatewayUrl: 'http://127.0.0.1:3000',
  keys: undefined,
  quietMs: undefined,
};

describe('the summary', () => {
  it('says what runs where, whose figures these are, and what to try', () => {
    const text = summary(facts);
    for (const part of [
      'Glasshouse is up  after 4.2 s',
      'SANDBOX: every figure is invented',
      'plan standard, 250 requests in any 60 s',
      "curl 'http://127.0.0.1:3000/advanced/funding/rate/SOL'",
      'Ctrl-C',
    ])
      assert.ok(text.includes(part), part);
    assert.equal(text.match(/curl '/g)?.length, 3);
  });

  it('says whether keys are asked for, and how to make one', () => {
    const open = summary({ ...facts, keys: { open: true, told: 'open: no team has a key yet' } });
    assert.match(open, /keys +open: no team has a key yet; npm run keys -- create <team>/);
    assert.doesNotMatch(open, /CG-API-KEY/);
    const closed = summary({ ...facts, keys: { open: false, told: 'team keys are asked for' } });
    assert.match(closed, /keys +team keys are asked for\n/);
    assert.equal(closed.match(/-H "CG-API-KEY: \$KEY"/g)?.length, 3);
  });

  it('keeps its columns, and has no colour unless it is given some', () => {
    const text = summary(facts);
    const column = (/** @type {string} */ word) =>
      text
        .split('\n')
        .find((line) => line.includes(word))
        ?.indexOf(word);
    assert.equal(column('ask here'), column('state'));
    assert.ok(!text.includes('\u001b'));
    assert.ok(summary(facts, (_style, part) => `<${part}>`).includes('<Glasshouse is up>'));
  });

  it('names the real vendor as such, and the wait of a limiter that knows nothing', () => {
    const text = summary({
      ...facts,
      dataSource: 'coinglass',
      baseUrl: undefined,
      quietMs: 60_000,
    });
    assert.match(text, /CoinGlass, the real vendor/);
    assert.match(text, /may wait up to 60 s/);
    assert.doesNotMatch(text, /SANDBOX/);
  });

  it('frames the banner evenly', () => {
    const widths = sandboxBanner()
      .split('\n')
      .map((line) => line.length);
    assert.equal(new Set(widths).size, 1);
  });
});

describe('the line of the start check', () => {
  it('counts rows, and says what it means when something is wrong', () => {
    const good = { verdict: 'pass', passed: 7, warned: 0, failed: 0, meaning: [] };
    assert.equal(checkLine(good, 'http://h'), '  check      start check passed (7 passed)');
    assert.equal(
      checkLine({ ...good, earlierAt: '2026-11-22T09:00:00.000Z' }, 'http://h'),
      '  check      start check passed (7 passed); found at 2026-11-22T09:00:00.000Z by an earlier run; anew: npm run check -- --fresh',
    );
    const meaning = ['The vendor refuses the key.'];
    const bad = checkLine(
      { verdict: 'fail', passed: 1, warned: 0, failed: 6, meaning },
      'http://h',
    );
    assert.equal(
      bad,
      '  check      start check FAILED (1 passed, 6 failed); the table: npm run check\n             The vendor refuses the key.',
    );
  });

  it('says where its result will be when it is not there yet', () => {
    assert.match(
      checkLine(undefined, 'http://h/health'),
      /still running; its result: http:\/\/h\/health$/,
    );
  });
});
