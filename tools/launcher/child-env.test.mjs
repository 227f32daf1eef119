import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { houseEnv, plainEnv, sandboxEnv } from './child-env.mjs';

const key = 'the-vendor-key';
const shell = {
  PATH: '/bin',
  COINGLASS_API_KEY: key,
  COINGLASS_PLAN: 'startup',
  COINGLASS_RPM: '80',
  AWS_SECRET_ACCESS_KEY: 'another secret',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
  LOG_LEVEL: 'debug',
  HTTPS_PROXY: 'http://proxy:3128',
  NODE_EXTRA_CA_CERTS: '/ca.pem',
  GATEWAY_MEMORY_MB: '32',
  SANDBOX_PLAN: 'hobbyist',
  REDIS_SERVER_BIN: '/usr/bin/redis-server',
  GLASSHOUSE_FRESH_REDIS: 'true',
  npm_config_token: 'a registry token',
};
const facts = {
  host: '127.0.0.1',
  port: 3000,
  redisUrl: 'redis://127.0.0.1:1',
  upstream: { baseUrl: 'http://127.0.0.1:3900', wsUrl: 'ws://127.0.0.1:3900/ws-api', apiKey: key },
};
const sandboxFacts = { host: '127.0.0.1', port: 3900, key: 'sandbox-1', windowMs: 5000 };

describe('the environment of a child', () => {
  it('holds the vendor key in the fetcher and nowhere else', () => {
    assert.equal(houseEnv(shell, { ...facts, app: 'fetcher' })['COINGLASS_API_KEY'], key);
    const others = [
      houseEnv(shell, { ...facts, app: 'gateway' }),
      houseEnv(shell, { ...facts, app: 'health' }),
      sandboxEnv(shell, sandboxFacts),
      plainEnv(shell),
    ];
    for (const env of others) assert.ok(!Object.values(env).some((value) => value?.includes(key)));
  });

  it('gives the sandbox the key of this run, and Redis to nobody else than the house', () => {
    const env = sandboxEnv(shell, sandboxFacts);
    assert.equal(env['SANDBOX_KEY'], 'sandbox-1');
    assert.equal(env['SANDBOX_WINDOW_MS'], '5000');
    assert.equal(env['SANDBOX_PLAN'], 'hobbyist');
    assert.ok(!('REDIS_URL' in env) && !('COINGLASS_PLAN' in env));
    assert.equal(sandboxEnv({ SANDBOX_WINDOW_MS: '9' }, sandboxFacts)['SANDBOX_WINDOW_MS'], '9');
  });

  it('says where things are, under the names of the configuration', () => {
    const env = houseEnv(shell, { ...facts, app: 'health', port: 3002 });
    assert.equal(env['HEALTH_PORT'], '3002');
    assert.equal(env['HOST'], '127.0.0.1');
    assert.equal(env['REDIS_URL'], facts.redisUrl);
    assert.equal(env['COINGLASS_BASE_URL'], facts.upstream.baseUrl);
    assert.equal(env['COINGLASS_WS_URL'], facts.upstream.wsUrl);
    assert.equal(env['COINGLASS_PLAN'], 'startup');
  });

  it('leaves the vendor out when it is the official one', () => {
    const upstream = { baseUrl: undefined, wsUrl: undefined, apiKey: key };
    const env = houseEnv(shell, { ...facts, app: 'fetcher', upstream });
    assert.ok(!('COINGLASS_BASE_URL' in env) && !('COINGLASS_WS_URL' in env));
  });

  it('passes telemetry, proxies and certificates on, and no other secret', () => {
    const env = houseEnv(shell, { ...facts, app: 'gateway' });
    const wanted = [
      ...['OTEL_EXPORTER_OTLP_ENDPOINT', 'LOG_LEVEL', 'HTTPS_PROXY', 'NODE_EXTRA_CA_CERTS'],
      'GATEWAY_MEMORY_MB',
    ];
    for (const name of wanted) assert.ok(name in env, name);
    for (const name of ['AWS_SECRET_ACCESS_KEY', 'npm_config_token', 'SANDBOX_PLAN'])
      assert.ok(!(name in env), name);
  });

  it('tells only the fetcher that Redis is fresh, and only when this run knows it', () => {
    const fresh = { ...facts, isRedisFresh: true };
    assert.equal(houseEnv({}, { ...fresh, app: 'fetcher' })['GLASSHOUSE_FRESH_REDIS'], 'true');
    assert.ok(!('GLASSHOUSE_FRESH_REDIS' in houseEnv(shell, { ...fresh, app: 'gateway' })));
    assert.ok(!('GLASSHOUSE_FRESH_REDIS' in houseEnv(shell, { ...facts, app: 'fetcher' })));
  });
});
