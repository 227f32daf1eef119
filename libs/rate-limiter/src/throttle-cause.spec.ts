import { describe, expect, it } from '@jest/globals';
import { throttleCause, type Ledger, type ToldQuota } from './throttle-cause.ts';

const ledger: Ledger = {
  own: 250,
  ownThen: 250,
  foreign: 0,
  limit: 250,
  vendorAllows: 250,
  takenSinceLowered: 900,
};

describe('the cause of a 429', () => {
  it.each<[string, Partial<Ledger>, ToldQuota, string]>([
    ['a plan that shrank, by the header beside it', {}, { used: 250, limit: 80 }, 'plan-change'],
    [
      'a plan that shrank, while what was sent before it still counts',
      { limit: 80, vendorAllows: 80, takenSinceLowered: 0 },
      { used: 250, limit: 80 },
      'plan-change',
    ],
    [
      'a plan that shrank, but not below what the flag has lowered the limit to',
      { limit: 80, takenSinceLowered: 0 },
      { used: 250, limit: 150 },
      'plan-change',
    ],
    [
      'too large a setting, while what was sent before it was corrected still counts',
      { own: 300, ownThen: 300, takenSinceLowered: 0 },
      {},
      'plan-change',
    ],
    [
      'our own overshoot, when nothing was lowered',
      { own: 260 },
      { used: 260, limit: 250 },
      'own-overshoot',
    ],
    [
      'our own overshoot, when slots were taken since the limit was lowered',
      { own: 90, ownThen: 90, limit: 80, vendorAllows: 80, takenSinceLowered: 1 },
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
      'a stranger, by a count beyond the limit, though slots of ours were taken since',
      { ownThen: 255 },
      { used: 252, limit: 250 },
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
    [
      'the vendor, when the flag has just lowered the limit below what was sent',
      { limit: 80, takenSinceLowered: 0 },
      {},
      'vendor-fault',
    ],
    [
      'the vendor, when a stranger’s requests fill the limit of the flag only',
      { own: 60, ownThen: 60, foreign: 20, limit: 80 },
      {},
      'vendor-fault',
    ],
    [
      'the vendor, when it has lowered its limit and says that there is room',
      { limit: 80, vendorAllows: 80, takenSinceLowered: 0 },
      { used: 60, limit: 80 },
      'vendor-fault',
    ],
  ])('is %s', (_, more, told, cause) => {
    expect(throttleCause({ ...ledger, ...more }, told)).toBe(cause);
  });
});
