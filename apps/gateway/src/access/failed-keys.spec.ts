import { describe, expect, it } from '@jest/globals';
import { FailedKeys, failedKeysMax } from './failed-keys.ts';

describe('failed keys', () => {
  it('are borne with up to a bound, then not for the rest of the minute', () => {
    let now = 0;
    const failed = new FailedKeys(() => now);
    const told = Array.from({ length: failedKeysMax + 5 }, () => failed.add('10.0.0.1'));
    expect(told.filter(Boolean)).toHaveLength(1);
    expect(failed.restMs('10.0.0.1')).toBe(60_000);
    expect(failed.restMs('10.0.0.2')).toBe(0);
    now = 59_999;
    expect(failed.restMs('10.0.0.1')).toBe(1);
    now = 60_000;
    expect(failed.restMs('10.0.0.1')).toBe(0);
  });

  it('count a whole IPv6 network as one, and an IPv4 address in IPv6 clothes by itself', () => {
    const failed = new FailedKeys(() => 0);
    for (let n = 0; n < failedKeysMax; n += 1) {
      failed.add(`2001:db8:1:2:${n}::1`);
      failed.add('::ffff:10.0.0.1');
    }
    expect(failed.restMs('2001:db8:1:2:ffff::9')).toBeGreaterThan(0);
    expect(failed.restMs('2001:db8:1:3::1')).toBe(0);
    expect(failed.restMs('::ffff:10.0.0.2')).toBe(0);
  });
});
