import { describe, expect, it } from '@jest/globals';
import { followFlagLimit } from './flag-limit.ts';
import { keyDigestOf } from './key-digest.ts';

const until = async (look: () => boolean): Promise<void> => {
  while (!look()) await new Promise((on) => setTimeout(on, 2));
};

describe('the name of a vendor key', () => {
  it('tells keys apart in twelve letters fit for Redis keys, and holds nothing of them', () => {
    const names = ['key-1', 'key-2', 'KEY-1', ''].map(keyDigestOf);
    expect(new Set(names).size).toBe(4);
    for (const name of names) expect(name).toMatch(/^[\w-]{12}$/);
    expect(keyDigestOf('key-1')).toBe(names[0]);
  });
});

describe('the limit set by flag', () => {
  it('is told at once and at each change, again if it could not be told, and is nobody’s order when only a default', async () => {
    let reading = { value: 200, reason: 'STATIC' };
    let away = true;
    const told: (number | undefined)[] = [];
    const limiter = {
      setFlagLimit: (limit: number | undefined) => {
        if (away) return Promise.reject(new Error('away'));
        told.push(limit);
        return Promise.resolve();
      },
    };
    const end = followFlagLimit({ number: () => Promise.resolve(reading) }, limiter, 5);
    await new Promise((on) => setTimeout(on, 20));
    away = false;
    await until(() => told.length === 1);
    reading = { value: 50, reason: 'STATIC' };
    await until(() => told.length === 2);
    reading = { value: 250, reason: 'ERROR' };
    await until(() => told.length === 3);
    end();
    expect(told).toEqual([200, 50, undefined]);
  });
});
