import { invalidRequest } from '@glasshouse/coinglass-client';

const form = /^[\x21-\x7e]{1,255}$/;

/** The header's value, if it was sent. Two of them arrive joined by a comma and blank, which no key holds. */
export const readIdempotencyKey = (header: string | string[] | undefined): string | undefined => {
  if (header === undefined) return undefined;
  const key = String(header);
  if (form.test(key)) return key;
  throw invalidRequest([
    { field: 'idempotency-key', message: 'must be 1 to 255 visible ASCII characters, sent once' },
  ]);
};
