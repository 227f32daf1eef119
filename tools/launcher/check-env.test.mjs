import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkEnv } from './check-env.mjs';

/** @type {import('./run-file.mjs').Run} */
const running = {
  v: 1,
  startedAt: '2026-01-01T00:00:00.000Z',
  pid: process.pid,
  redisUrl: 'redis://127.0.0.1:6400',
  host: '127.0.0.1',
  ports: { gateway: 3000 },
  pids: {},
  dataSource: 'sandbox',
  baseUrl: 'http://127.0.0.1:3900',
  wsUrl: 'ws://127.0.0.1:3900/ws-api',
  plan: 'startup',
  rpm: 80,
  windowMs: 5000,
};

describe('the start check run alone', () => {
  it('asks the house that runs from this folder, by its own settings', () => {
    const env = checkEnv(
      { COINGLASS_API_KEY: 'the-key', COINGLASS_RPM: '1', NO_COLOR: '1' },
      running,
    );
    assert.equal(env['REDIS_URL'], running.redisUrl);
    assert.equal(env['COINGLASS_BASE_URL'], running.baseUrl);
    assert.deepEqual(
      [env['COINGLASS_PLAN'], env['COINGLASS_RPM'], env['COINGLASS_WINDOW_MS'], env['NO_COLOR']],
      ['startup', '80', '5000', '1'],
    );
    assert.ok(!('COINGLASS_API_KEY' in env));
  });

  it('asks the house behind the Redis that the shell names, first of all', () => {
    const shell = { REDIS_URL: 'redis://elsewhere:6379', COINGLASS_API_KEY: 'the-key' };
    const env = checkEnv(shell, running);
    assert.equal(env['REDIS_URL'], shell.REDIS_URL);
    assert.ok(!('COINGLASS_BASE_URL' in env) && !('COINGLASS_API_KEY' in env));
  });

  it('says with exit code 3 that there is nobody to ask', () => {
    const ended = { ...running, endedAt: '2026-01-01T00:01:00.000Z' };
    assert.throws(() => checkEnv({}, undefined), { exitCode: 3, message: /none was started/ });
    assert.throws(() => checkEnv({}, ended), { exitCode: 3, message: /has ended/ });
  });
});
