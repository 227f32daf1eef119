import type { RawAnswer } from '@glasshouse/coinglass-client';
import { createWindows, type Windows } from '../windows.ts';
import type { Chance } from './chance.ts';
import type { Scenario } from './scenario.ts';

/** The vendor, who counts for himself. */
export interface Vendor {
  /** One of our requests has arrived. */
  receive(): RawAnswer;
  /** Somebody else's has, with our key. */
  receiveForeign(): void;
  limit(): number;
  setLimit(limit: number): void;
  /** Another request would be refused now. */
  isFull(): boolean;
  readonly own: Windows;
  /** Requests of ours that he refused because his own count was over his limit. */
  refused(): number;
}

export interface VendorParts {
  readonly scenario: Scenario;
  readonly chance: Chance;
  readonly now: () => number;
  /** Chance of a 429 that no count explains, and of a 500. */
  readonly throttles: () => number;
  readonly serverErrors: () => number;
}

const success = JSON.stringify({ code: '0', msg: 'success', data: [] });
const tooMany = JSON.stringify({ code: '429', msg: 'Too Many Requests' });
const broken = JSON.stringify({ code: '500', msg: 'Internal Server Error' });
/** How often a 429 names a time, and which, in s: seldom more than a limiter obeys. */
const RETRY_AFTER_RATE = 0.5;
const retryAfterSeconds = [1, 2, 5, 10, 30, 60, 120] as const;

export const createVendor = (parts: VendorParts): Vendor => {
  const { scenario, chance, now, throttles, serverErrors } = parts;
  const { windowMs, vendor } = scenario;
  const own = createWindows(windowMs);
  const all = createWindows(windowMs);
  let limit = vendor.limit;
  let refused = 0;

  const usedNow = (): number =>
    vendor.counts === 'sliding' ? all.within(now()) : all.inAligned(now());

  const answer = (status: number, body: string, more: Partial<RawAnswer> = {}): RawAnswer => {
    const used = usedNow();
    return {
      status,
      contentType: 'application/json',
      body,
      wireBytes: body.length,
      quota: vendor.quotaHeaders ? { used, limit } : {},
      sandbox: false,
      ...more,
    };
  };

  /** In both forms that clients of the vendor have met. */
  const throttle = (): RawAnswer =>
    answer(chance.happens(0.5) ? 429 : 200, tooMany, {
      ...(chance.happens(RETRY_AFTER_RATE) && {
        retryAfterMs: 1_000 * chance.pick(retryAfterSeconds),
      }),
    });

  return {
    own,
    refused: () => refused,
    limit: () => limit,
    isFull: () => usedNow() >= limit,
    setLimit: (next) => void (limit = next),
    receiveForeign: () => void all.add(now()),
    receive() {
      own.add(now());
      const sliding = all.add(now());
      const used = vendor.counts === 'sliding' ? sliding : all.inAligned(now());
      if (used > limit) {
        refused += 1;
        return throttle();
      }
      if (chance.happens(throttles())) return throttle();
      if (chance.happens(serverErrors())) return answer(chance.happens(0.5) ? 500 : 200, broken);
      return answer(200, success);
    },
  };
};
