import type { MinuteCounts } from '@glasshouse/canary';

const nothing = { permits: 0, sent: 0, throttled: 0 };

/** A period of which the ledger has nothing. */
export const noCounts = (at: number): MinuteCounts => ({
  at,
  operations: {},
  requests: { baseline: nothing, canary: nothing },
  vendor: {},
  traces: [],
});
