import { AsyncLocalStorage } from 'node:async_hooks';
import type { AttemptRecord } from '@glasshouse/coinglass-client';
import type { VendorSigns } from '@glasshouse/fetch-queue';

/**
 * Counts the requests that one order costs, refused intervals and retries included; a renewed instrument table is an order of its
 * own. The pipeline's failures do not tell how often it sent, so the sendings themselves are counted, wherever they happen.
 */
const counting = new AsyncLocalStorage<{ permits: number; signs: VendorSigns }>();

/** Everything sent in `work`, however deep, counts for it. */
export const countSpending = <T>(work: () => Promise<T>): Promise<T> =>
  counting.run({ permits: 0, signs: {} }, work);

/** To be called once for each sending. */
export const countSending = (record: Pick<AttemptRecord, keyof VendorSigns>): void => {
  const count = counting.getStore();
  if (!count) return;
  const { quotaUsed, quotaLimit, clockAheadMs } = record;
  count.permits += 1;
  count.signs = {
    ...(quotaUsed !== undefined && { quotaUsed }),
    ...(quotaLimit !== undefined && { quotaLimit }),
    ...(clockAheadMs !== undefined && { clockAheadMs }),
  };
};

/** Permits spent so far in the work that runs now. */
export const permitsSpent = (): number => counting.getStore()?.permits ?? 0;

/** What the vendor said of itself with the last sending in the work that runs now; nothing when nothing was sent. */
export const vendorSigns = (): VendorSigns => counting.getStore()?.signs ?? {};
