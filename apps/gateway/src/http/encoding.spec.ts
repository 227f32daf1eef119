import { describe, expect, it } from '@jest/globals';
import { negotiate } from './encoding.ts';

describe('the encoding', () => {
  it.each([
    [undefined, 'identity'],
    ['', 'identity'],
    ['identity', 'identity'],
    ['gzip', 'gzip'],
    ['gzip, deflate, br, zstd', 'br'],
    ['br;q=0, gzip', 'gzip'],
    ['br;q=0.0, gzip;q=0', 'identity'],
    ['BR', 'br'],
    ['*', 'identity'],
  ])('for %p is %s', (header, encoding) => {
    expect(negotiate(header)).toBe(encoding);
    expect(negotiate(header)).toBe(encoding);
  });
});
