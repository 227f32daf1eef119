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
const failed = (kind: string, interval?: string): RowResult =>
  asked({ verdict: 'fail', kind, permits: 1, ...(interval !== undefined && { interval }) });

describe('the eight requests of a check', () => {
  it.each<[string, Row, RowResult[], boolean]>([
    [
      'three series that cost two each, and a list',
      list,
      [passed(1), passed(2), passed(2), passed(2)],
      true,
    ],
    ['no request more once eight are spent', list, [passed(4), passed(4)], false],
    ['the stream, always: it costs none', stream, [passed(4), passed(4)], true],
    ['a second try of a dead vendor', series, [failed('upstream-unavailable')], true],
    [
      'no third try, which might be the ninth request',
      series,
      [failed('upstream-unavailable'), failed('upstream-unavailable')],
      false,
    ],
    [
      'no third try either where the deadline came first',
      series,
      [failed('deadline-passed'), failed('deadline-passed')],
      false,
    ],
    [
      'every question to a vendor that rejects each at once',
      list,
      Array<RowResult>(4).fill(failed('upstream-rejected')),
      true,
    ],
    [
      'no second series after one refused up the whole ladder',
      series,
      [passed(1), failed('interval-not-available', '1h')],
      false,
    ],
    ['a list after such a series', list, [passed(1), failed('interval-not-available', '1h')], true],
    [
      'no second series as dear as a first that climbed far',
      series,
      [passed(1), { ...passed(4), interval: '1h' }],
      false,
    ],
    ['what was skipped, for nothing', series, [asked({ verdict: 'skipped' }), passed(6)], true],
  ])('afford %s', (_, next, before, affordable) => {
    expect(affords(next, before)).toBe(affordable);
  });
});
