import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { ConfigError } from './config-error.ts';
import { boolean, choice, host, integer, port, redisUrl, secret, text, url } from './pieces.ts';
import { readConfig } from './read-config.ts';
import { Secret } from './secret.ts';
import { secretsOf } from './secrets-of.ts';
import { serviceEnv } from './service-env.ts';

const problemsOf = (schema: z.ZodType, env: Record<string, string | undefined>) => {
  try {
    readConfig(schema, env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
};

describe('readConfig', () => {
  const schema = z.object({
    ...serviceEnv,
    GATEWAY_PORT: port(3000),
    LIMIT: integer({ min: 1, max: 10 }),
    KEY: secret(),
  });

  it('reports every problem at once, one line each, with what is allowed', () => {
    const error = problemsOf(schema, {
      HOST: 'not a host',
      LOG_LEVEL: 'loud',
      NODE_ENV: 'prod',
      REDIS_URL: 'http://localhost',
      GATEWAY_PORT: '70000',
      LIMIT: '11',
    });
    expect(error.message.split('\n')).toEqual([
      'HOST: is not a host; allowed: a host name or an IP address',
      'LOG_LEVEL: is not one of the known words; allowed: trace, debug, info, warn, error, fatal, silent',
      'NODE_ENV: is not one of the known words; allowed: development, test, production',
      expect.stringMatching(/^REDIS_URL: is not a usable Redis URL; allowed: redis:/),
      'GATEWAY_PORT: is not a port; allowed: 0 to 65535 (0 picks a free one)',
      'LIMIT: is not a whole number in range; allowed: 1 to 10',
      'KEY: is missing; allowed: 4 to 512 printable ASCII characters without spaces',
    ]);
    expect(error.problems.map(({ name }) => name)).toContain('KEY');
  });

  it('never repeats a value, since it may be a secret in the wrong place', () => {
    const error = problemsOf(schema, {
      REDIS_URL: 'redis://:hunter22@host/not-a-number',
      GATEWAY_PORT: 'sk-live-1234',
      KEY: 'has a space 5678',
      LIMIT: '1',
    });
    expect(inspect(error)).not.toMatch(/hunter22|sk-live|5678/);
  });

  it('takes an empty or blank value as absent', () => {
    const config = readConfig(schema, {
      KEY: 'abcd1234',
      LIMIT: '3',
      GATEWAY_PORT: '',
      HOST: '  ',
    });
    expect(config).toMatchObject({
      GATEWAY_PORT: 3000,
      HOST: '127.0.0.1',
      LIMIT: 3,
      LOG_LEVEL: 'info',
      NODE_ENV: 'development',
      REDIS_URL: 'redis://127.0.0.1:6379',
    });
    expect(problemsOf(schema, { KEY: ' ', LIMIT: '3' }).problems).toEqual([
      { name: 'KEY', message: expect.stringContaining('is missing') },
    ]);
  });

  it('gives a value nobody can change', () => {
    expect(Object.isFrozen(readConfig(schema, { KEY: 'abcd', LIMIT: '3' }))).toBe(true);
  });
});

describe('the settings', () => {
  const accepts = (piece: z.ZodType, value: string): unknown => {
    const { success, data } = piece.safeParse(value);
    return success ? data : 'refused';
  };

  it.each([
    ['a padded number', integer({ min: 0, max: 9 }), ' 7 ', 7],
    ['no fraction', integer({ min: 0, max: 9 }), '1.5', 'refused'],
    ['no exponent', integer({ min: 0, max: 9e9 }), '1e3', 'refused'],
    ['port 0', port(1), '0', 0],
    ['no negative port', port(1), '-1', 'refused'],
    ['TRUE', boolean(false), 'TRUE', true],
    ['0 as false', boolean(true), '0', false],
    ['no other word for true', boolean(false), 'maybe', 'refused'],
    ['a word of the list', choice(['a', 'b']), 'b', 'b'],
    ['text without line breaks', text(), 'a\nb', 'refused'],
    ['an IPv6 host', host('x'), '::1', '::1'],
    ['no URL as host', host('x'), 'http://x', 'refused'],
    ['https', url({ protocols: ['https'] }), 'https://a.example/', 'https://a.example'],
    ['no http', url({ protocols: ['https'] }), 'http://a.example/', 'refused'],
    ['no user in a URL', url({ protocols: ['https'] }), 'https://me:pw12@a.example', 'refused'],
    [
      'no path where only the origin counts',
      url({ protocols: ['https'], originOnly: true }),
      'https://a.example/v1',
      'refused',
    ],
    ['TLS for Redis', redisUrl(), 'rediss://u:p@h:1/2', 'rediss://u:p@h:1/2'],
    ['no Redis option in the query', redisUrl(), 'redis://h?commandTimeout=1', 'refused'],
    ['no line break in a key', secret(), 'abcd\r\nx: y', 'refused'],
  ])('accept %s as meant', (_name, piece, value, expected) => {
    expect(accepts(piece, value)).toEqual(expected);
  });

  it.each([
    ['http://localhost:3900', true],
    ['http://127.0.0.1:3900', true],
    ['http://[::1]:3900', true],
    ['http://127.0.0.1.evil.example', false],
    ['http://localhost.evil.example', false],
    ['http://10.0.0.1', false],
  ])('allow http towards this machine only: %s -> %s', (value, allowed) => {
    const piece = url({ protocols: ['https'], loopbackProtocols: ['http'] });
    expect(accepts(piece, value)).toBe(allowed ? value : 'refused');
  });
});

describe('a Secret', () => {
  it('shows itself to nobody who does not ask for it by name', () => {
    const key = new Secret('abcd1234');
    const shown = [String(key), `${key}`, JSON.stringify({ key }), inspect({ key }, { depth: 9 })];
    expect(shown.join()).not.toContain('abcd1234');
    expect(shown.every((one) => one.includes('***'))).toBe(true);
    expect(key.reveal()).toBe('abcd1234');
  });

  it('is found in a configuration, as are passwords in URLs and keys in OTLP headers', () => {
    expect(
      secretsOf({
        KEY: new Secret('abcd1234'),
        REDIS_URL: 'redis://user:p%40ss@host:6379',
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20tok-1, x-team=green',
        HOST: '127.0.0.1',
        PORT: 3000,
      }).sort(),
    ).toEqual(
      ['abcd1234', 'p%40ss', 'p@ss', 'Bearer%20tok-1', 'Bearer tok-1', 'tok-1', 'green'].sort(),
    );
  });
});
