import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { catalogue, type Endpoint } from '@glasshouse/coinglass-client';
import { createCanaryClient } from './canary-client.ts';
import { readCanaryFile } from './read-canary-file.ts';

const funding: Endpoint = catalogue['futures/funding-rate/history'];
const config = {
  NODE_ENV: 'development',
  COINGLASS_BASE_URL: 'https://open-api-v4.coinglass.com',
  COINGLASS_WINDOW_MS: 60_000,
  COINGLASS_ALLOW_CUSTOM_UPSTREAM: false,
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'canary-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const read = (content: unknown, more: Partial<typeof config> = {}) => {
  const path = join(folder, 'canary.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return readCanaryFile(path, { ...config, ...more });
};
const clientOf = (content: unknown) => createCanaryClient(read(content));

describe('the canary’s file', () => {
  it('is not needed: without it, and with an empty one, the canary is the same client', () => {
    for (const options of [readCanaryFile(undefined, config), read({})]) {
      expect(createCanaryClient(options)).toMatchObject({ digest: 'same', options: [] });
    }
  });

  it('says in what the canary differs, and that is all in which it does', () => {
    const canary = clientOf({
      baseUrl: 'http://127.0.0.1:3901/',
      retry: { sendsMax: 2, firstBackOffMs: 100, timeOutMs: 4_000 },
      fallback: { steps: 1, rungs: ['12h', '4h'] },
      catalogue: {
        [funding.id]: {
          path: 'futures/funding-rate/v2/history',
          intervals: ['1d', '4h'],
          constants: { unit: 'coin' },
        },
      },
    });
    expect(canary).toMatchObject({
      baseUrl: 'http://127.0.0.1:3901',
      pipeline: { sendsMax: 2, firstBackOffMs: 100, attemptTimeoutMs: 4_000 },
      maxSteps: 1,
      rungs: ['4h', '12h'],
    });
    expect(canary.options).toEqual([
      'baseUrl',
      `catalogue.${funding.id}.constants.unit`,
      `catalogue.${funding.id}.intervals`,
      `catalogue.${funding.id}.path`,
      'fallback.rungs',
      'fallback.steps',
      'retry.firstBackOffMs',
      'retry.sendsMax',
      'retry.timeOutMs',
    ]);
    expect(canary.endpoint(funding)).toEqual({
      ...funding,
      path: 'futures/funding-rate/v2/history',
      intervals: ['4h', '1d'],
      constants: { unit: 'coin' },
    });
    const etf: Endpoint = catalogue['etf/bitcoin/list'];
    expect(canary.endpoint(etf)).toBe(etf);
  });

  it('has one digest for the same options, in whatever order, and another for others', () => {
    const one = clientOf({ retry: { sendsMax: 2, timeOutMs: 900 }, fallback: { steps: 0 } });
    const same = clientOf({ fallback: { steps: 0 }, retry: { timeOutMs: 900, sendsMax: 2 } });
    const other = clientOf({ fallback: { steps: 1 }, retry: { timeOutMs: 900, sendsMax: 2 } });
    expect(one.digest).toMatch(/^[\w-]{12}$/);
    expect(same.digest).toBe(one.digest);
    expect(other.digest).not.toBe(one.digest);
  });

  it.each([
    ['{', /COINGLASS_CANARY_FILE: is no JSON/],
    [[], /COINGLASS_CANARY_FILE: .*object/],
    [{ baseURL: 'https://x.example' }, /Unrecognized key: "baseURL"/],
    [{ baseUrl: 'http://proxy.example' }, /baseUrl: is not a usable URL; allowed: .*https/],
    [{ baseUrl: 'https://user:secret@proxy.example' }, /baseUrl: .*no user, password/],
    [{ retry: { sendsMax: 6 } }, /retry\.sendsMax: .*5/],
    [{ retry: { sendsMax: '2' } }, /retry\.sendsMax: is not a whole number from 1 to 5/],
    [{ retry: { timeOutMs: 10 } }, /retry\.timeOutMs: .*500/],
    [{ retry: { timeOutMs: 30_000 } }, /retry: sendsMax \(3\) times timeOutMs.*50000/],
    [{ fallback: { rungs: ['7h'] } }, /fallback\.rungs\.0: .*"1h"/],
    [
      { catalogue: { 'futures/funding-rates/history': {} } },
      /is no endpoint.*; futures\/funding-rate\/history is/,
    ],
    [{ catalogue: { [funding.id]: { path: '/api/x' } } }, /path: is no path.*without \/api\//],
    [{ catalogue: { [funding.id]: { path: 'api/x' } } }, /path: is no path/],
    [{ catalogue: { [funding.id]: { path: 'a/../b' } } }, /path: is no path/],
    [{ catalogue: { [funding.id]: { path: 'a?b=c' } } }, /path: is no path/],
    [
      { catalogue: { [funding.id]: { constants: { symbol: 'BTC' } } } },
      /constants\.symbol: .*callers ask by/,
    ],
    [
      { catalogue: { 'etf/bitcoin/list': { intervals: ['1h'] } } },
      /intervals: is for endpoints with an interval/,
    ],
  ])('is refused with the place and the remedy: %j', (content, problem) => {
    expect(() => read(content)).toThrow(problem);
  });

  it('tells every problem at once, and no value that might be a secret', () => {
    const problems = {
      baseUrl: 'https://user:hunter2@x.example',
      retry: { sendsMax: 0 },
      other: 1,
    };
    expect(() => read(problems)).toThrow(/baseUrl: [^]*retry\.sendsMax: [^]*other/);
    expect(() => read(problems)).not.toThrow(/hunter2/);
  });

  it('must be there when it is named', () => {
    const path = join(folder, 'not-there.json');
    expect(() => readCanaryFile(path, config)).toThrow(
      /COINGLASS_CANARY_FILE: cannot be read \(ENOENT\)/,
    );
  });

  it('may name another host in production only where COINGLASS_BASE_URL may', () => {
    const production = { NODE_ENV: 'production' };
    const content = { baseUrl: 'https://proxy.example' };
    expect(() => read(content, production)).toThrow(
      /COINGLASS_CANARY_FILE: baseUrl: is not CoinGlass.*COINGLASS_ALLOW_CUSTOM_UPSTREAM/,
    );
    expect(read({ baseUrl: config.COINGLASS_BASE_URL }, production)).toEqual({
      baseUrl: config.COINGLASS_BASE_URL,
    });
    expect(read(content, { ...production, COINGLASS_ALLOW_CUSTOM_UPSTREAM: true }).baseUrl).toBe(
      'https://proxy.example',
    );
  });

  it('has an example that can be used', () => {
    const example = resolve(__dirname, '../../../../config/canary.example.json');
    expect(createCanaryClient(readCanaryFile(example, config)).options.length).toBeGreaterThan(3);
  });
});
