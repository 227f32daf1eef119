import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readSettings } from './settings.mjs';

/** @param {NodeJS.ProcessEnv} env */
const problemsOf = (env) => {
  try {
    readSettings(env);
  } catch (error) {
    return /** @type {Error} */ (error).message.split('\n');
  }
  return [];
};

describe('the settings of a run', () => {
  it('have defaults that need no key and stay on this machine', () => {
    const settings = readSettings({});
    assert.equal(settings.host, '127.0.0.1');
    assert.deepEqual(settings.ports, { gateway: 3000, fetcher: 3001, health: 3002, sandbox: 3900 });
    assert.deepEqual([settings.rpm, settings.windowMs], [250, 60_000]);
    assert.equal(settings.apiKey, undefined);
  });

  it('take an empty value for an absent one', () => {
    assert.equal(
      readSettings({ COINGLASS_API_KEY: ' ', COINGLASS_BASE_URL: '' }).apiKey,
      undefined,
    );
  });

  it('tell all problems at once, one sentence each', () => {
    const problems = problemsOf({ GATEWAY_PORT: '70000', HEALTH_PORT: 'x', COINGLASS_RPM: '0' });
    assert.equal(problems.length, 3);
    assert.match(
      String(problems[0]),
      /^GATEWAY_PORT must be a whole number from 0 to 65535, not "70000"\.$/,
    );
  });

  for (const value of [
    'example.com',
    'ftp://example.com',
    'http://example.com',
    'https://',
    'http:// x',
  ])
    it(`refuse ${value} as base URL`, () => {
      const problems = problemsOf({ COINGLASS_API_KEY: 'k', COINGLASS_BASE_URL: value });
      assert.match(
        problems.join(),
        /^COINGLASS_BASE_URL is not a usable URL: it must look like https:/,
      );
    });

  it('allow http to this machine and https to any', () => {
    const apiKey = { COINGLASS_API_KEY: 'some-key' };
    for (const baseUrl of ['http://127.0.0.1:3900', 'http://[::1]:1', 'https://proxy.example'])
      assert.equal(readSettings({ ...apiKey, COINGLASS_BASE_URL: baseUrl }).baseUrl, baseUrl);
  });

  it('refuse a malformed Redis URL without repeating it, since it may hold a password', () => {
    const [problem] = problemsOf({ REDIS_URL: 'http://user:hunter2@redis:6379' });
    assert.match(String(problem), /^REDIS_URL is not a usable URL/);
    assert.doesNotMatch(String(problem), /hunter2/);
  });

  it('refuse a base URL without a key', () => {
    const [problem] = problemsOf({ COINGLASS_BASE_URL: 'https://proxy.example' });
    assert.match(String(problem), /^COINGLASS_BASE_URL is set but COINGLASS_API_KEY is not: /);
  });

  it('refuse the sandbox in production', () => {
    assert.match(problemsOf({ NODE_ENV: 'production' }).join(), /never started in production/);
    assert.deepEqual(problemsOf({ NODE_ENV: 'production', COINGLASS_API_KEY: 'some-key' }), []);
  });

  it('refuse two apps on one port, but let the absent sandbox have any', () => {
    assert.match(
      problemsOf({ HEALTH_PORT: '3000' }).join(),
      /GATEWAY_PORT and HEALTH_PORT are both 3000/,
    );
    assert.deepEqual(problemsOf({ SANDBOX_PORT: '3000', COINGLASS_API_KEY: 'some-key' }), []);
    assert.deepEqual(problemsOf({ GATEWAY_PORT: '0', HEALTH_PORT: '0' }), []);
  });
});
