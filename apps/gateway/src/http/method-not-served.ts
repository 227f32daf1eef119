import { Failure } from '@glasshouse/coinglass-client';

/** 405: the path is served, for other methods than this one. */
export const methodNotServed = (allowed: readonly string[]) => ({
  failure: new Failure('invalid-request', `This path is served for ${allowed.join(', ')} only`, {
    errors: [{ field: 'method', message: 'is not served here', allowed }],
  }),
  status: 405,
  headers: { allow: allowed.join(', ') },
});
