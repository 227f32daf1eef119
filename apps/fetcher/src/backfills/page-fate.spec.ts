import { describe, expect, it } from '@jest/globals';
import { Failure, failures, Postponed, type FailureKind } from '@glasshouse/coinglass-client';
import { pageFateOf, PageStopped, triesMax } from './page-fate.ts';

const later = { tries: 1, scout: false, random: 0 };
const of = (kind: FailureKind, more = {}, upstream = {}) =>
  pageFateOf(new Failure(kind, 'x', { upstream }), { ...later, ...more });

describe('what becomes of a page', () => {
  it.each([
    ['upstream-rejected', 'lose'],
    ['upstream-credentials', 'stop'],
    ['plan-not-entitled', 'stop'],
    ['upstream-unavailable', 'again'],
    ['upstream-malformed', 'again'],
    ['unknown-instrument', 'lose'],
    ['interval-not-available', 'lose'],
    ['poison-job', 'lose'],
  ] as const)('after %s: %s', (kind, then) => {
    expect(of(kind).then).toBe(then);
  });

  it('is decided for every kind there is, and never thrown', () => {
    for (const kind of Object.keys(failures) as FailureKind[]) {
      expect(['lose', 'stop', 'again', 'ask-interval']).toContain(of(kind).then);
    }
    expect(pageFateOf(new Error('a bug'), { ...later, tries: 9 }).then).toBe('lose');
  });

  it('is no fault of its own when nobody could send', () => {
    for (const kind of [
      'queue-full',
      'upstream-throttled',
      'store-unavailable',
      'egress-disabled',
      'team-quota',
    ] as const) {
      expect(of(kind, { tries: 1_000 })).toMatchObject({ then: 'again', noTry: true });
    }
    expect(pageFateOf(new Postponed(3_000, 'limit'), later)).toEqual({
      then: 'again',
      waitMs: 3_000,
      because: 'limit',
      noTry: true,
      vendorAway: false,
    });
  });

  it('is tried again at growing distances, and not for ever', () => {
    const waits = Array.from({ length: triesMax }, (_, n) =>
      of('upstream-unavailable', { tries: n + 1 }),
    );
    expect(waits.map((fate) => ('waitMs' in fate ? fate.waitMs : fate.then))).toEqual([
      1_000,
      2_000,
      4_000,
      8_000,
      16_000,
      30_000,
      30_000,
      'lose',
    ]);
    expect(of('upstream-malformed', { tries: 3 }).then).toBe('lose');
  });

  it('asks about the interval when the first page or the plan is refused, not when one page is', () => {
    expect(of('interval-not-available', { scout: true }).then).toBe('ask-interval');
    expect(of('interval-not-available', {}, { code: '403' }).then).toBe('ask-interval');
    expect(of('interval-not-available', {}, { status: 422 }).then).toBe('lose');
    expect(of('unknown-instrument', { scout: true }).then).toBe('stop');
  });

  it('is left alone when it is somebody else’s, and given back at once when the process stops', () => {
    expect(pageFateOf(new PageStopped('not-ours'), later).then).toBe('let-go');
    expect(pageFateOf(new PageStopped('go-back'), later)).toEqual({
      then: 'again',
      waitMs: 0,
      noTry: true,
      vendorAway: false,
    });
  });
});
