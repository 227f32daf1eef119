import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { readFetcherConfig } from './config.ts';

const key = 'k3y-of-the-vendor';

describe('the fetcher’s configuration', () => {
  it('needs the vendor’s key and nothing else', () => {
    const config = readFetcherConfig({ COINGLASS_API_KEY: key });
    expect(config.COINGLASS_API_KEY.reveal()).toBe(key);
    expect(config).toMatchObject({
      FETCHER_PORT: 3001,
      COINGLASS_RPM: 250,
      COINGLASS_PLAN: 'standard',
      FETCHER_INTERACTIVE_CONCURRENCY: 64,
      FETCHER_SHARED_CONCURRENCY: 16,
      GLASSHOUSE_FRESH_REDIS: false,
    });
    expect(inspect(config) + JSON.stringify(config)).not.toContain(key);
  });

  it.each([{}, { COINGLASS_API_KEY: ' ' }, { COINGLASS_BASE_URL: 'https://other.example' }])(
    'says in one line that the key is missing: %p',
    (env) => {
      expect(() => readFetcherConfig(env)).toThrow(/^COINGLASS_API_KEY: is missing: [^\n]+$/);
    },
  );

  it('names every problem at once', () => {
    const env = { FETCHER_PORT: 'x', COINGLASS_PLAN: 'gold', ANSWER_STORE_MB: '0' };
    for (const name of ['COINGLASS_API_KEY', ...Object.keys(env)]) {
      expect(() => readFetcherConfig(env)).toThrow(new RegExp(`^${name}: `, 'm'));
    }
  });

  it('refuses another upstream and another window in production', () => {
    const production = { NODE_ENV: 'production', COINGLASS_API_KEY: key };
    expect(() => readFetcherConfig(production)).not.toThrow();
    expect(() =>
      readFetcherConfig({ ...production, COINGLASS_BASE_URL: 'http://127.0.0.1:3900' }),
    ).toThrow('COINGLASS_BASE_URL');
    expect(() => readFetcherConfig({ ...production, COINGLASS_WINDOW_MS: '6000' })).toThrow(
      'COINGLASS_WINDOW_MS',
    );
  });
});
