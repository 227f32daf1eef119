import { describe, expect, it } from '@jest/globals';
import { Arms } from './arms.ts';

const splitting = { value: 'canary', reason: 'TARGETING_MATCH', ruled: true } as const;
const reading = (value: string) => ({ value, reason: 'STATIC' });

describe('the arms, as the gateway sees them', () => {
  it('are drawn for each call anew, by an id of its own', async () => {
    const keys: unknown[] = [];
    const arms = new Arms({
      string: (_key, context) => {
        keys.push(context?.targetingKey);
        return Promise.resolve(splitting);
      },
    });
    const [one, other] = [await arms.draw(), await arms.draw()];
    expect(one).toEqual({ id: keys[0], arm: 'canary', settled: false });
    expect(other.id).not.toBe(one.id);
    expect(keys).toEqual([one.id, other.id]);
  });

  it('let what the canary fetched be served while it is settled, and not a moment longer', async () => {
    let now: ReturnType<typeof reading> = splitting;
    const arms = new Arms({ string: () => Promise.resolve(now) });
    const seen = async (next = now): Promise<boolean> => {
      now = next;
      await arms.look();
      expect(arms.serves({})).toBe(true);
      return arms.serves({ arm: 'canary' });
    };
    expect(await seen()).toBe(false);
    expect(await seen(reading('canary'))).toBe(true);
    expect(await seen(reading('baseline'))).toBe(false);
  });

  it('serve the answer of a call that is drawn before the promotion is looked at', async () => {
    let now: ReturnType<typeof reading> = splitting;
    const arms = new Arms({ string: () => Promise.resolve(now) });
    await arms.look();
    now = reading('canary');
    expect(await arms.draw()).toMatchObject({ arm: 'canary', settled: true });
    expect(arms.serves({ arm: 'canary' })).toBe(true);
    now = reading('baseline');
    await arms.draw();
    expect(arms.serves({ arm: 'canary' })).toBe(false);
  });
});
