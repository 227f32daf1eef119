import { describe, expect, it } from '@jest/globals';
import {
  Failure,
  failures,
  type FailureKind,
  type UpstreamFacts,
} from '@glasshouse/coinglass-client';
import { errorGroupOf } from './call-outcome.ts';

const groupOf = (kind: FailureKind, upstream?: UpstreamFacts) =>
  errorGroupOf(new Failure(kind, 'any', upstream && { upstream }));

/** Every kind of the failures' table, by what it counts as whatever the vendor said. */
const expected: Readonly<Record<Exclude<FailureKind, 'upstream-rejected'>, string | undefined>> = {
  'upstream-credentials': 'auth',
  'plan-not-entitled': 'auth',
  'interval-not-available': 'params',
  'unknown-instrument': 'params',
  'upstream-unavailable': 'server',
  'upstream-malformed': 'server',
  internal: 'server',
  'upstream-throttled': undefined,
  'invalid-request': undefined,
  unauthenticated: undefined,
  'forbidden-scope': undefined,
  'team-quota': undefined,
  'unknown-endpoint': undefined,
  'job-unknown': undefined,
  'idempotency-conflict': undefined,
  'change-refused': undefined,
  'ambiguous-instrument': undefined,
  'endpoint-disabled': undefined,
  'egress-disabled': undefined,
  'queue-full': undefined,
  'store-unavailable': undefined,
  'deadline-passed': undefined,
  'invalid-job': undefined,
  'poison-job': undefined,
  cancelled: undefined,
};

describe('what a failed call counts as', () => {
  it.each(Object.entries(expected) as [FailureKind, string | undefined][])(
    '%s: %s, whatever the vendor said',
    (kind, group) => {
      const said = [undefined, { status: 403 }, { status: 200, code: '422' }, { status: 500 }];
      expect(said.map((upstream) => groupOf(kind, upstream))).toEqual(said.map(() => group));
    },
  );

  it.each([
    ['auth', { status: 401 }],
    ['auth', { status: 403 }],
    ['auth', { status: 404 }],
    ['auth', { status: 200, code: '404' }],
    ['params', { status: 400 }],
    ['params', { status: 422 }],
    ['params', { status: 200, code: '400' }],
    ['server', { status: 302 }],
    ['server', { status: 405 }],
    ['server', { status: 200, code: '40001' }],
    ['server', undefined],
  ] as const)('a rejected request is %s with %o', (group, upstream) => {
    expect(groupOf('upstream-rejected', upstream)).toBe(group);
  });

  it('is thought of for every kind there is', () => {
    expect([...Object.keys(expected), 'upstream-rejected'].sort()).toEqual(
      Object.keys(failures).sort(),
    );
  });
});
