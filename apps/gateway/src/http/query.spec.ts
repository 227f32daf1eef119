import { describe, expect, it } from '@jest/globals';
import { isFailure } from '@glasshouse/coinglass-client';
import { parseQuery } from './query.ts';

const problems = (rawUrl: string): string[] => {
  try {
    parseQuery(rawUrl);
    return [];
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    return (thrown.errors ?? []).map(({ field }) => field);
  }
};

describe('the query string', () => {
  it('is read as text, decoded', () => {
    expect([...parseQuery('/x?a=1&b=%2B+c&d')]).toEqual([
      ['a', '1'],
      ['b', '+ c'],
      ['d', ''],
    ]);
    expect([...parseQuery('/x')]).toEqual([]);
    expect([...parseQuery('/x?&&')]).toEqual([]);
  });

  it.each([
    ['a repeated parameter', '/x?a=1&a=1', ['a']],
    ['a malformed escape', '/x?a=%zz', ['a']],
    ['half an escape', '/x?a=%', ['a']],
    ['a NUL', '/x?a=%00', ['a']],
    ['a line break', '/x?a=1%0d%0ab', ['a']],
    ['a key, by its name', '/x?CG-API-KEY=abc&api_key=abc', ['CG-API-KEY', 'api_key']],
    ['a key, by its value', '/x?coin=gh_Abcdefgh_0123456789', ['coin']],
    ['all of them at once', '/x?a=%zz&b=%00&c=1&c=2', ['a', 'b', 'c']],
  ])('%s is an error that names the parameter', (_what, rawUrl, fields) => {
    expect(problems(rawUrl)).toEqual(fields);
  });

  it('takes hostile names for names', () => {
    const query = parseQuery('/x?__proto__=1&constructor=2');
    expect(query.get('__proto__')).toBe('1');
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});
