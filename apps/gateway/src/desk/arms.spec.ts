import { describe, expect, it } from '@jest/globals';
import { Arms } from './arms.ts';

const reading = (value: string, reason: string) => ({ value, reason });

describe('the arms, as the gateway sees them', () => {
  it('are drawn for each call anew, by an id of its own', async () => {
    const keys: unknown[] = [];
    const arms = new Arms({
      string: (_key, context) => {
        keys.push(context?.targetingKey);
        return Promise.resolve(reading('canary', 'TARGETING_MATCH'));
      },
    });
    const [one, other] = [await arms.draw(), await arms.draw()];
    expect(one).toEqual({ id: keys[0], arm: 'canary', settled: false });
    expect(other.id).not.toBe(one.id);
    expect(keys).toEqual([one.id, other.id]);
  });

  it('let what the canary fetched be served while it is settled, and not a moment longer', async () => {
    let now = reading('canary', 'TARGETING_MATCH');
    const arms = new Arms({ string: () => Promise.resolve(now) });
    const seen = async (next = now): Promise<boolean> => {
      now = next;
      await arms.look();
      expect(arms.serves({})).toBe(true);
      return arms.serves({ arm: 'canary' });
    };
    expect(await seen()).toBe(false);
    expect(await seen(reading('canary', 'STATIC'))).toBe(true);
    expect(await seen(reading('canary', 'STALE'))).toBe(true);
    expect(await seen(reading('baseline', 'STATIC'))).toBe(false);
    expect(await seen(reading('canary', 'STALE'))).toBe(false);
  });
});
