import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Counts the requests that one order costs, refused intervals and retries included; a renewed instrument table is an order of its
 * own. The pipeline's failures do not tell how often it sent, so the sendings themselves are counted, wherever they happen.
 */
const counting = new AsyncLocalStorage<{ permits: number }>();

/** Everything sent in `work`, however deep, counts for it. */
export const countSpending = <T>(work: () => Promise<T>): Promise<T> =>
  counting.run({ permits: 0 }, work);

/** To be called once for each sending. */
export const countPermit = (): void => {
  const count = counting.getStore();
  if (count) count.permits += 1;
};

/** Permits spent so far in the work that runs now. */
export const permitsSpent = (): number => counting.getStore()?.permits ?? 0;
