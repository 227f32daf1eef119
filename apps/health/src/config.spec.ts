import { describe, expect, it } from '@jest/globals';
import { readHealthConfig, streamSkippedBecause } from './config.ts';

const skippedWith = (env: NodeJS.ProcessEnv): string | undefined =>
  streamSkippedBecause(readHealthConfig(env));

describe('the settings of health', () => {
  it('are complete without any variable', () => {
    expect(readHealthConfig({})).toMatchObject({ HOST: '127.0.0.1', HEALTH_PORT: 3002 });
  });

  it('never hold the vendor key, also when it is in the environment', () => {
    const config = readHealthConfig({ COINGLASS_API_KEY: 'a-vendor-key' });
    expect(JSON.stringify(config)).not.toContain('a-vendor-key');
  });

  it.each<[string, NodeJS.ProcessEnv, string | undefined]>([
    ['asked of the vendor', {}, undefined],
    [
      'skipped for a custom upstream without a WebSocket URL',
      { COINGLASS_BASE_URL: 'https://mirror.example' },
      'custom base URL without COINGLASS_WS_URL',
    ],
    [
      'asked of a custom upstream that has one',
      { COINGLASS_BASE_URL: 'https://mirror.example', COINGLASS_WS_URL: 'wss://mirror.example/ws' },
      undefined,
    ],
    [
      'skipped below the standard plan',
      { COINGLASS_PLAN: 'startup' },
      'the startup plan has no streams',
    ],
  ])('say that the stream is %s', (_, env, reason) => {
    expect(skippedWith(env)).toBe(reason);
  });
});
