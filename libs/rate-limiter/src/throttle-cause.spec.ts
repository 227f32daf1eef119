import { describe, expect, it } from '@jest/globals';
import { throttleCause, type Ledger, type ToldQuota } from './throttle-cause.ts';

const ledger: Ledger = { own: 250, ownThen: 250, foreign: 0, limit: 250, loweredMsAgo: undefined };

describe('the cause of a 429', () => {
  it.each<[string, Partial<Ledger>, ToldQuota, string]>([
    ['a plan that shrank, by the header beside it', {}, { used: 250, limit: 80 }, 'plan-change'],
    [
      'a plan that shrank, while what was sent before it still counts',
      { limit: 80, loweredMsAgo: 20_000 },
      { used: 250, limit: 80 },
      'plan-change',
    ],
    [
      'our own overshoot, when nothing was lowered',
      { own: 260 },
      { used: 260, limit: 250 },
      'own-overshoot',
    ],
    [
      'our own overshoot, when the limit was lowered long ago',
      { own: 90, limit: 80, loweredMsAgo: 200_000 },
      {},
      'own-overshoot',
    ],
    [
      'a stranger, by the vendor’s count',
      { own: 200, ownThen: 200 },
      { used: 251, limit: 250 },
      'foreign-use',
    ],
    [
      'a stranger seen before, when headers are missing',
      { own: 210, ownThen: 210, foreign: 40 },
      {},
      'foreign-use',
    ],
    [
      'the vendor, when its own count has room',
      { own: 100, ownThen: 100 },
      { used: 60, limit: 250 },
      'vendor-fault',
    ],
    [
      'the vendor, when slots of ours have fallen free since it counted',
      { own: 240 },
      { used: 248, limit: 250 },
      'vendor-fault',
    ],
    ['the vendor, when it says nothing and we were within the limit', {}, {}, 'vendor-fault'],
  ])('is %s', (_, more, told, cause) => {
    expect(throttleCause({ ...ledger, ...more }, told, 90_000)).toBe(cause);
  });
});
