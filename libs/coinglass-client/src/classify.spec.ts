import { describe, expect, it } from '@jest/globals';
import type { FailureKind } from './failures.ts';
import { classify } from './classify.ts';

interface Case {
  readonly said: string;
  readonly status?: number;
  readonly code?: string;
  readonly message?: string;
  readonly interval?: boolean;
  readonly kind: FailureKind;
}

const pairUnknown =
  'The requested pair does not exist on the exchange. Please check the documentation to view supported ...';
const intervalRefused = 'The requested interval is not available for your current API plan.';

/** Bodies that were recorded from the vendor, and what it documents, in both forms: as a status and as a code in a 200. */
const cases: Case[] = [
  { said: 'no key', code: '401', message: 'API key missing.', kind: 'upstream-credentials' },
  {
    said: 'no key, as a status',
    status: 401,
    code: '401',
    message: 'API key missing.',
    kind: 'upstream-credentials',
  },
  {
    said: 'a bogus key',
    code: '400',
    message: 'Invalid API key provided',
    kind: 'upstream-credentials',
  },
  {
    said: 'a bogus key, as a status',
    status: 400,
    code: '400',
    message: 'Invalid API key provided',
    kind: 'upstream-credentials',
  },
  { said: 'a bare 401', status: 401, kind: 'upstream-credentials' },
  { said: 'a 401 code alone', code: '401', message: 'Unauthorized', kind: 'upstream-credentials' },
  { said: 'above the plan', code: '401', message: 'Upgrade plan', kind: 'plan-not-entitled' },
  {
    said: 'above the plan, as a status',
    status: 401,
    message: 'Upgrade plan',
    kind: 'plan-not-entitled',
  },
  {
    said: 'above the plan, as 403',
    status: 403,
    code: '403',
    message: 'Your plan does not include this endpoint',
    kind: 'plan-not-entitled',
  },
  {
    said: 'the interval, by its words',
    code: '403',
    message: intervalRefused,
    interval: true,
    kind: 'interval-not-available',
  },
  {
    said: 'the interval, as a status',
    status: 403,
    code: '403',
    message: intervalRefused,
    interval: true,
    kind: 'interval-not-available',
  },
  {
    said: 'the interval, by its words alone',
    code: '40003',
    message: intervalRefused,
    interval: true,
    kind: 'interval-not-available',
  },
  {
    said: 'a mute 403 with an interval',
    code: '403',
    interval: true,
    kind: 'interval-not-available',
  },
  { said: 'a mute 403 without', code: '403', kind: 'upstream-rejected' },
  {
    said: 'a wall of 403 without an envelope',
    status: 403,
    interval: true,
    kind: 'upstream-rejected',
  },
  { said: '422 with an interval', status: 422, interval: true, kind: 'interval-not-available' },
  { said: '422 in the body', code: '422', interval: true, kind: 'interval-not-available' },
  { said: '422 without an interval', status: 422, kind: 'upstream-rejected' },
  { said: '422 in the body without', code: '422', kind: 'upstream-rejected' },
  {
    said: 'an unknown pair',
    code: '400',
    message: pairUnknown,
    interval: true,
    kind: 'unknown-instrument',
  },
  {
    said: 'an unknown pair, as a status',
    status: 400,
    code: '400',
    message: pairUnknown,
    kind: 'unknown-instrument',
  },
  {
    said: 'a missing parameter',
    code: '400',
    message: "Required String parameter 'exchange_list' is not present",
    interval: true,
    kind: 'upstream-rejected',
  },
  {
    said: 'an unknown path',
    status: 404,
    code: '404',
    message:
      'Endpoint not found. Please refer to the API documentation: https://docs.coinglass.com/reference/endpoint-overview',
    kind: 'upstream-rejected',
  },
  { said: '404 in the body', code: '404', kind: 'upstream-rejected' },
  { said: '405', status: 405, kind: 'upstream-rejected' },
  { said: '405 in the body', code: '405', kind: 'upstream-rejected' },
  { said: 'another 4xx', status: 418, kind: 'upstream-rejected' },
  { said: 'too many', status: 429, kind: 'upstream-throttled' },
  {
    said: 'too many, in the body',
    code: '429',
    message: 'Too Many Requests',
    kind: 'upstream-throttled',
  },
  {
    said: 'a server fault',
    code: '500',
    message: 'Server Error',
    interval: true,
    kind: 'upstream-unavailable',
  },
  { said: 'a server fault, as a status', status: 500, kind: 'upstream-unavailable' },
  { said: 'a bad gateway', status: 502, kind: 'upstream-unavailable' },
  {
    said: 'maintenance',
    status: 503,
    message: 'System upgrade in progress',
    kind: 'upstream-unavailable',
  },
  { said: '408', status: 408, kind: 'upstream-unavailable' },
  { said: '408 in the body', code: '408', kind: 'upstream-unavailable' },
  { said: 'an undocumented code', code: '50001', kind: 'upstream-unavailable' },
  { said: 'a word for a code', code: 'abc', kind: 'upstream-unavailable' },
  { said: 'no code at all', kind: 'upstream-unavailable' },
  { said: 'a redirect', status: 302, kind: 'upstream-rejected' },
  { said: 'a good code under a bad status', status: 404, code: '0', kind: 'upstream-rejected' },
];

describe('a refusal of the vendor', () => {
  it.each(cases)('$said is $kind', ({ status = 200, code, message, interval = false, kind }) => {
    const failure = classify({
      status,
      ...(code !== undefined && { code }),
      ...(message !== undefined && { message }),
      intervalSent: interval,
    });
    expect(failure.kind).toBe(kind);
    expect(failure.upstream).toEqual({
      status,
      ...(code !== undefined && { code }),
      ...(message !== undefined && { message }),
    });
  });

  it('keeps the words of the vendor out of our detail, bounded and printable', () => {
    const message = `<script>\r\n${'x'.repeat(999)}`;
    const failure = classify({ status: 400, code: '4'.repeat(99), message, intervalSent: false });
    expect(failure.detail).toBe('CoinGlass did not accept the request');
    expect(failure.message).not.toContain('script');
    expect(failure.upstream?.message).toHaveLength(256);
    expect(failure.upstream?.message).toMatch(/^<script>\\u\{000d\}\\u\{000a\}x+…$/);
    expect(failure.upstream?.code?.length).toBeLessThanOrEqual(32);
  });

  it('hands on how long the vendor wants to be left alone', () => {
    expect(classify({ status: 429, intervalSent: false, retryAfterMs: 5000 }).retryAfterMs).toBe(
      5000,
    );
  });
});
