import { describe, expect, it } from '@jest/globals';
import { affords } from './permit-budget.ts';
import type { Finding, RowResult } from './result.ts';
import type { Row } from './row.ts';

const row = (permitsMax: number): Row => ({
  name: 'next',
  subject: 'request',
  permitsMax,
  run: () => Promise.reject(new Error('not to be run')),
});
const list = row(1);
const series = row(2);
const stream = row(0);

const asked = (finding: Finding): RowResult => ({
  name: 'asked',
  subject: 'request',
  durationMs: 1,
  ...finding,
});
const passed = (permits: number): RowResult => asked({ verdict: 'pass', permits });
const failed = (kind: string): RowResult => asked({ verdict: 'fail', kind, permits: 1 });

const pairs: RowResult = { ...passed(1), name: 'futures/supported-exchange-pairs', code: '0' };
const refused = { ...asked({ verdict: 'fail', kind: 'interval-not-available' }), interval: '1h' };

describe('the eight requests of a check', () => {
  it.each<[string, Row, RowResult[], boolean]>([
    [
      'three series that cost two each, and a list',
      list,
      [pairs, passed(2), passed(2), passed(2)],
      true,
    ],
    ['no request more once eight are spent', list, [passed(4), passed(4)], false],
    ['the stream, always: it costs none', stream, [passed(4), passed(4)], true],
    ['a series after two that were refused', series, [pairs, refused, refused], true],
    ['a list after three that were refused', list, [pairs, refused, refused, refused], true],
    ['a series where the table may have to be renewed', series, [failed('internal')], true],
    [
      'no third such series, which might be the ninth request',
      series,
      [failed('internal'), refused, refused],
      false,
    ],
    ['what was asked twice, twice', list, [pairs, { ...refused, asks: 2 }, passed(3)], false],
    ['what was skipped, for nothing', series, [asked({ verdict: 'skipped' }), passed(5)], true],
  ])('afford %s', (_, next, before, affordable) => {
    expect(affords(next, before)).toBe(affordable);
  });

  it('leave what is reserved for others', () => {
    expect(affords(list, [pairs, passed(2)], 4)).toBe(true);
    expect(affords(list, [pairs, passed(2)], 5)).toBe(false);
  });
});
