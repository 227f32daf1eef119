import { describe, expect, it } from '@jest/globals';
import { userName } from './user-name.ts';

describe('the name of who runs a command', () => {
  it('is a number where the user has none', () => {
    const nameless = (): string => {
      throw new Error('uv_os_get_passwd returned ENOENT');
    };
    expect(userName(nameless, 54_321)).toBe('uid 54321');
    expect(userName()).not.toBe('');
  });
});
