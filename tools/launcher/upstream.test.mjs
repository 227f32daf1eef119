import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isWindowUnused, upstreamOf } from './upstream.mjs';

const none = { apiKey: undefined, baseUrl: undefined, wsUrl: undefined };

describe('where the data comes from', () => {
  it('is the sandbox without a key, with a key of its own that differs from run to run', () => {
    const [one, other] = [upstreamOf(none, 3900), upstreamOf(none, 3900)];
    assert.equal(one.dataSource, 'sandbox');
    assert.equal(one.baseUrl, 'http://127.0.0.1:3900');
    assert.equal(one.wsUrl, 'ws://127.0.0.1:3900/ws-api');
    assert.match(one.apiKey, /^sandbox-[0-9a-f]{32}$/);
    assert.notEqual(one.apiKey, other.apiKey);
  });

  it('is CoinGlass by default and by its own name, else custom', () => {
    const source = (/** @type {string | undefined} */ baseUrl) =>
      upstreamOf({ ...none, apiKey: 'key', baseUrl }, undefined).dataSource;
    assert.equal(source(undefined), 'coinglass');
    assert.equal(source('https://open-api-v4.coinglass.com'), 'coinglass');
    assert.equal(source('https://proxy.example'), 'custom');
  });
});

describe('whether the window of the key is unused', () => {
  const endedAt = '2026-01-01T00:00:00.000Z';
  const ended = Date.parse(endedAt);
  const facts = /** @type {const} */ ({
    isRedisOurs: true,
    dataSource: 'coinglass',
    windowMs: 60_000,
    lastRun: { endedAt, windowMs: 60_000 },
  });

  it('is known when the last run ended over a window ago', () => {
    assert.equal(isWindowUnused({ ...facts, now: ended + 90_001 }), true);
    assert.equal(isWindowUnused({ ...facts, now: ended + 90_000 }), false);
  });

  it('is not known without a last run, or when nobody saw it end', () => {
    const now = ended + 1e9;
    assert.equal(isWindowUnused({ ...facts, lastRun: undefined, now }), false);
    assert.equal(isWindowUnused({ ...facts, lastRun: { windowMs: 1 }, now }), false);
  });

  it('is given with the sandbox, whose key is new, but never with a Redis of others', () => {
    const now = ended;
    assert.equal(isWindowUnused({ ...facts, dataSource: 'sandbox', now }), true);
    assert.equal(
      isWindowUnused({ ...facts, dataSource: 'sandbox', isRedisOurs: false, now }),
      false,
    );
    assert.equal(isWindowUnused({ ...facts, dataSource: 'custom', now }), false);
  });
});
