/** One hash tag with everything of the house, so that scripts over several keys stay legal in a cluster. */
const prefix = '{coinglass}:canary';

export const ledgerKeys = {
  /** Hash: fetcher -> what it counted in the period that began at `at` (epoch ms). */
  minute: (at: number) => `${prefix}:minute:${at}`,
  /** Sorted set: which canary a fetcher runs, by when it last said so (epoch ms). */
  fetchers: `${prefix}:fetchers`,
} as const;
