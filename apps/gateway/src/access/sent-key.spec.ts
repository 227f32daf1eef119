import { describe, expect, it } from '@jest/globals';
import { sentKey } from './sent-key.ts';

describe('the key a request brings', () => {
  it.each([
    ['as a bearer token', { authorization: 'Bearer abc' }, 'abc'],
    ['as a bearer token, however it is written', { authorization: 'bearer   abc ' }, 'abc'],
    ['where CoinGlass clients put it', { 'cg-api-key': 'abc' }, 'abc'],
    ['in both places, the same', { authorization: 'Bearer abc', 'cg-api-key': 'abc' }, 'abc'],
    ['in both places, two', { authorization: 'Bearer abc', 'cg-api-key': 'abd' }, null],
    ['beside another scheme', { authorization: 'Basic abc', 'cg-api-key': 'abc' }, null],
    ['as another scheme', { authorization: 'Basic abc' }, undefined],
    ['nowhere', {}, undefined],
  ])('%s', (_where, headers, key) => expect(sentKey(headers)).toBe(key));
});
