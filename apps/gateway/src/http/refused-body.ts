import { Failure, type FieldError } from '@glasshouse/coinglass-client';

/** A body that is not read to its end. It is an `invalid-request` with HTTP's own status, and the connection does not outlive it. */
export class RefusedBody extends Error {
  override readonly name = 'RefusedBody';
  readonly status: 408 | 413 | 415;
  readonly failure: Failure;

  constructor(status: 408 | 413 | 415, error: FieldError) {
    super(`${error.field} ${error.message}`);
    this.status = status;
    this.failure = new Failure('invalid-request', `${error.field}: ${error.message}`, {
      errors: [error],
    });
  }
}
