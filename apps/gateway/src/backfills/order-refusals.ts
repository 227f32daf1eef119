import { Failure } from '@glasshouse/coinglass-client';
import type { Creating } from '@glasshouse/fetch-queue';

/** One failure for a backfill that never was, is another team's, or has expired. */
export const backfillUnknown = (): Failure =>
  new Failure('job-unknown', 'There is no such backfill, or it has expired; order it again', {
    errors: [{ field: 'id', message: 'is not known' }],
  });

/** Why an order was not kept. */
export const orderRefusals: Readonly<Partial<Record<Creating, () => Failure>>> = {
  conflict: () =>
    new Failure('idempotency-conflict', 'The Idempotency-Key stands for another backfill', {
      errors: [{ field: 'idempotency-key', message: 'was used with another body; take a new one' }],
    }),
  'too-many': () =>
    new Failure(
      'team-quota',
      'The team has as many backfills under way as it may; wait for one or cancel one',
      { retryAfterMs: 60_000 },
    ),
  full: () =>
    new Failure(
      'store-unavailable',
      'There is no room for so many rows beside those that are kept; take a shorter range or a coarser interval',
      { retryAfterMs: 3_600_000 },
    ),
};
