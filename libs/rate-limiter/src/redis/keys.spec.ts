import { describe, expect, it } from '@jest/globals';
import { permitKeys } from './keys.ts';

const tagOf = (key: string) => /\{(.*?)\}/.exec(key)?.[1];

describe('the permit keys', () => {
  it('lie in one Cluster slot', () => {
    const { slots, state } = permitKeys('https://open-api-v4.coinglass.com', 'k1');
    expect(tagOf(slots)).toMatch(/^coinglass-permits:[0-9a-f]{12}:k1$/);
    expect(tagOf(state)).toBe(tagOf(slots));
    expect(state).not.toBe(slots);
  });

  it('are the same for every URL of an upstream, and others for another upstream or key', () => {
    const { slots } = permitKeys('https://vendor.example', 'k1');
    expect(permitKeys('https://vendor.example/api/x?y=1', 'k1').slots).toBe(slots);
    expect(permitKeys('https://vendor.example:8443', 'k1').slots).not.toBe(slots);
    expect(permitKeys('https://vendor.example', 'k2').slots).not.toBe(slots);
  });

  it('take no digest that could break out of the hash tag', () => {
    for (const digest of ['', 'a}b', 'a:b', 'x'.repeat(65)]) {
      expect(() => permitKeys('https://vendor.example', digest)).toThrow(RangeError);
    }
  });
});
