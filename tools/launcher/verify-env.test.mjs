import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifyEnv } from './verify-env.mjs';

/** @type {import('./run-file.mjs').Run} */
const run = {
  v: 1,
  startedAt: '2026-11-22T09:00:00.000Z',
  pid: process.pid,
  redisUrl: 'redis://127.0.0.1:6390',
  host: '127.0.0.1',
  ports: { gateway: 3100 },
  pids: {},
  dataSource: 'coinglass',
  plan: 'standard',
  rpm: 250,
  windowMs: 60_000,
};

describe('the environment of the verification', () => {
  it('is that of the check, with the address of the gateway', () => {
    const env = verifyEnv({ COINGLASS_API_KEY: 'secret', GLASSHOUSE_KEY: 'gh_x' }, run);
    assert.equal(env['GLASSHOUSE_URL'], 'http://127.0.0.1:3100');
    assert.equal(env['REDIS_URL'], 'redis://127.0.0.1:6390');
    assert.equal(env['GLASSHOUSE_KEY'], 'gh_x');
    assert.ok(!JSON.stringify(env).includes('secret'));
  });

  it('knows a gateway far away without any house here, and then no Redis', () => {
    const far = 'https://glasshouse.example';
    const env = verifyEnv({ GLASSHOUSE_URL: far, COINGLASS_API_KEY: 'secret' }, undefined);
    assert.equal(env['GLASSHOUSE_URL'], far);
    assert.equal(env['REDIS_URL'], undefined);
    assert.ok(!JSON.stringify(env).includes('secret'));
  });

  it('names no gateway where none is known', () => {
    const ended = { ...run, endedAt: '2026-11-22T10:00:00.000Z' };
    assert.equal(verifyEnv({}, ended)['GLASSHOUSE_URL'], undefined);
  });
});
