import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { flagRow, knownFlagKeys } from './flag-table.ts';
import { lintFlags } from './lint-flags.ts';

const now = () => Date.UTC(2026, 10, 23);
const metadata = { owner: 'platform', expires: 'never' };
const onOff = {
  state: 'ENABLED',
  variants: { on: true, off: false },
  defaultVariant: 'on',
  metadata,
};
const lintOne = (flag: object, key = 'canary.auto') =>
  lintFlags({ flags: { [key]: { ...onOff, ...flag } } }, [key], now).map(
    ({ level, message }) => `${level}: ${message}`,
  );

describe('the flag definitions of this repository', () => {
  const document = JSON.parse(
    readFileSync(join(__dirname, '../../../config/flags.json'), 'utf8'),
  ) as { flags: Record<string, { defaultVariant: string; variants: Record<string, unknown> }> };
  const keys = knownFlagKeys([
    'futures/supported-exchange-pairs',
    'futures/funding-rate/history',
    'futures/funding-rate/oi-weight-history',
    'futures/open-interest/history',
    'futures/open-interest/aggregated-history',
    'futures/liquidation/history',
    'futures/liquidation/aggregated-history',
    'futures/liquidation/heatmap/model1',
    'etf/bitcoin/flow-history',
    'etf/bitcoin/list',
    'spot/supported-exchange-pairs',
    'hyperliquid/position',
  ]);

  it('hold every flag the code reads and nothing is wrong with them', () => {
    expect(lintFlags(document, keys)).toEqual([]);
  });

  it('start with what the code would serve without them', () => {
    for (const key of keys) {
      const { variants, defaultVariant } = document.flags[key] ?? {
        variants: {},
        defaultVariant: '',
      };
      expect([key, variants[defaultVariant]]).toEqual([key, flagRow(key)?.default]);
    }
  });
});

describe('the lint of flag definitions', () => {
  it('finds nothing wrong with a good flag', () => {
    expect(lintOne({})).toEqual([]);
  });

  it.each([
    [
      'a default that does not exist',
      { defaultVariant: 'On' },
      /error: there is no variant "On".*on, off/,
    ],
    [
      'a rule that gives a variant that does not exist',
      { targeting: { if: [{ '==': [{ var: 'a' }, 'oof'] }, 'oof', 'on'] } },
      /error: there is no variant "oof"/,
    ],
    [
      'a bucket whose variant does not exist',
      {
        targeting: {
          fractional: [
            ['onn', 10],
            ['off', 90],
          ],
        },
      },
      /error: there is no variant "onn"/,
    ],
    [
      'a value of another type',
      { variants: { on: 'true', off: false } },
      /error: variant on is no fitting boolean/,
    ],
    ['no owner', { metadata: { expires: 'never' } }, /error: metadata.owner is missing/],
    ['no expiry', { metadata: { owner: 'a' } }, /error: metadata.expires is missing/],
    [
      'a day that does not exist',
      { metadata: { ...metadata, expires: '2027-02-30' } },
      /error: metadata.expires is no day/,
    ],
    [
      'a word for a day',
      { metadata: { ...metadata, expires: 'soon' } },
      /error: metadata.expires is no day/,
    ],
    [
      'a passed day',
      { metadata: { ...metadata, expires: '2026-11-22' } },
      /warning: expired on 2026-11-22/,
    ],
    [
      'a switch that is disabled instead of off',
      { state: 'DISABLED' },
      /error: is DISABLED.*defaultVariant/,
    ],
    ['no variants', { variants: undefined }, /error: variants: /],
  ])('finds %s', (_what, flag, problem) => {
    expect(lintOne(flag)).toEqual([expect.stringMatching(problem)]);
  });

  it('lets a flag expire today and conditions mention any word', () => {
    expect(
      lintOne({
        metadata: { ...metadata, expires: '2026-11-23' },
        targeting: { if: [{ in: ['whatever', { var: 'team' }] }, 'off', null] },
      }),
    ).toEqual([]);
  });

  it('follows shared evaluators', () => {
    const flags = { 'canary.auto': { ...onOff, targeting: { $ref: 'rule' } } };
    const $evaluators = { rule: { if: [true, 'gone'] } };
    expect(lintFlags({ flags, $evaluators }, ['canary.auto'], now)).toEqual([
      expect.objectContaining({ message: expect.stringContaining('"gone"') }),
    ]);
  });

  it('tells all problems of all flags at once', () => {
    const found = lintFlags(
      { flags: { 'coinglass.rpm': { ...onOff }, 'endpoint.typo': onOff } },
      ['coinglass.rpm', 'canary.auto', 'endpoint.real'],
      now,
    );
    expect(found.map(({ key, level }) => `${level} ${key}`)).toEqual([
      'error canary.auto',
      'error endpoint.real',
      'error coinglass.rpm',
      'error coinglass.rpm',
      'warning endpoint.typo',
    ]);
  });

  it.each([null, [], 'text', {}, { flags: [] }])(
    'refuses what is no document at all: %j',
    (document) => {
      expect(lintFlags(document, [], now)).toEqual([
        expect.objectContaining({ key: 'document', level: 'error' }),
      ]);
    },
  );

  it('is not fooled by a key that every object has', () => {
    const document: unknown = JSON.parse('{"flags":{"__proto__":{},"constructor":{}}}');
    expect(lintFlags(document, ['toString'], now).map(({ key }) => key)).toContain('toString');
  });
});
