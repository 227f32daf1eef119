import { Failure } from '@glasshouse/coinglass-client';

/** What becomes of an error of the answer store's connection, or of a Redis that refuses (full, read-only). */
export const storeUnavailable = (cause: unknown): Failure =>
  new Failure('store-unavailable', 'The answer store cannot be reached', {
    cause,
    retryAfterMs: 5_000,
  });
