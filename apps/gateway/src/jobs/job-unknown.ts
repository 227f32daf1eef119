import { Failure } from '@glasshouse/coinglass-client';

/** One failure for a job that never was, is another team's, has expired, or was lost with Redis' state. */
export const jobUnknown = (): Failure =>
  new Failure(
    'job-unknown',
    'There is no such job. If you have submitted it, submit it again with the same Idempotency-Key',
    { errors: [{ field: 'id', message: 'is not known' }] },
  );
