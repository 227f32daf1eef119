import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { port } from './pieces.ts';
import { readConfig } from './read-config.ts';
import { serviceEnv } from './service-env.ts';
import { describeUpstream, upstreamEnv, withUpstreamRules } from './upstream-env.ts';

const schema = withUpstreamRules(
  z.object({ ...serviceEnv, ...upstreamEnv, FETCHER_PORT: port(3001) }),
);
const upstreamOf = (env: Record<string, string>) => describeUpstream(readConfig(schema, env));

describe('the upstream', () => {
  it('is CoinGlass with its WebSocket when nothing is set', () => {
    expect(upstreamOf({})).toEqual({
      origin: 'https://open-api-v4.coinglass.com',
      source: 'coinglass',
      wsUrl: 'wss://open-ws.coinglass.com/ws-api',
    });
    expect(readConfig(schema, {})).toMatchObject({
      COINGLASS_PLAN: 'standard',
      COINGLASS_RPM: 250,
      COINGLASS_WINDOW_MS: 60_000,
    });
  });

  it('is custom for any other host, without a WebSocket unless one is given', () => {
    expect(upstreamOf({ COINGLASS_BASE_URL: 'http://127.0.0.1:3900/' })).toEqual({
      origin: 'http://127.0.0.1:3900',
      source: 'custom',
    });
    expect(
      upstreamOf({
        COINGLASS_BASE_URL: 'http://127.0.0.1:3900',
        COINGLASS_WS_URL: 'ws://127.0.0.1:3900/ws-api',
      }),
    ).toMatchObject({ source: 'custom', wsUrl: 'ws://127.0.0.1:3900/ws-api' });
  });

  it('does not take a look-alike host for CoinGlass', () => {
    expect(
      upstreamOf({ COINGLASS_BASE_URL: 'https://open-api-v4.coinglass.com.evil.example' }).source,
    ).toBe('custom');
    expect(upstreamOf({ COINGLASS_BASE_URL: 'https://open-api-v4.coinglass.com:444' }).source).toBe(
      'custom',
    );
  });

  it('is refused in production when it is custom, together with whatever else is wrong', () => {
    expect(() =>
      upstreamOf({
        NODE_ENV: 'production',
        COINGLASS_BASE_URL: 'https://proxy.example',
        COINGLASS_WS_URL: 'wss://proxy.example/ws',
        COINGLASS_WINDOW_MS: '6000',
        FETCHER_PORT: 'x',
      }),
    ).toThrow(
      /FETCHER_PORT: .*\nCOINGLASS_BASE_URL: .*COINGLASS_ALLOW_CUSTOM_UPSTREAM=true\nCOINGLASS_WS_URL: .*\nCOINGLASS_WINDOW_MS: .*60000/,
    );
  });

  it('is refused in production by describeUpstream, too, where the schema lacks the rules', () => {
    const bare = z.object({ ...serviceEnv, ...upstreamEnv });
    const config = readConfig(bare, {
      NODE_ENV: 'production',
      COINGLASS_BASE_URL: 'https://proxy.example',
    });
    expect(() => describeUpstream(config)).toThrow(/COINGLASS_BASE_URL/);
  });

  it('may be custom in production when that is said', () => {
    expect(
      upstreamOf({
        NODE_ENV: 'production',
        COINGLASS_BASE_URL: 'https://proxy.example',
        COINGLASS_ALLOW_CUSTOM_UPSTREAM: 'true',
      }).source,
    ).toBe('custom');
  });
});
