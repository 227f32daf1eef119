import { describe, expect, it } from '@jest/globals';
import { clockAheadMsOf, quotaOf, retryAfterMsOf } from './answer-headers.ts';

const now = Date.parse('2026-11-22T09:00:00Z');

describe('headers of an answer', () => {
  it.each([
    ['30', 30_000],
    ['0', 0],
    ['1.5', 1500],
    ['1000000000', 1_000_000_000_000],
    ['Sun, 22 Nov 2026 09:00:20 GMT', 20_000],
    ['Sun, 22 Nov 2026 08:59:00 GMT', undefined],
    ['-1', undefined],
    ['soon', undefined],
    ['', undefined],
    ['1e9', undefined],
  ])('reads Retry-After %j as %j ms', (text, ms) => {
    expect(retryAfterMsOf({ 'retry-after': text }, now)).toBe(ms);
  });

  it.each([
    ['Sun, 22 Nov 2026 09:00:02 GMT', 2_500],
    ['Sun, 22 Nov 2026 08:59:59 GMT', -500],
    ['2026-11-22T09:00:00Z', undefined],
    ['-1', undefined],
    ['', undefined],
  ])('reads Date %j as a clock that is %j ms ahead', (text, ms) => {
    expect(clockAheadMsOf({ date: text }, now)).toBe(ms);
    expect(clockAheadMsOf({}, now)).toBeUndefined();
  });

  it('takes a quota only where it is a plain count', () => {
    expect(quotaOf({ 'api-key-use-limit': '17', 'api-key-max-limit': '300' })).toEqual({
      used: 17,
      limit: 300,
    });
    expect(quotaOf({ 'api-key-use-limit': '-1', 'api-key-max-limit': ['300', '1'] })).toEqual({
      limit: 300,
    });
    expect(quotaOf({ 'api-key-use-limit': 'NaN', 'api-key-max-limit': '' })).toEqual({});
  });
});
