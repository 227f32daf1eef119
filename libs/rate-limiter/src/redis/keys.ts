import { createHash } from 'node:crypto';

/** The two keys of one upstream and vendor key. One hash tag, so a Cluster keeps them in one slot. */
export interface PermitKeys {
  readonly slots: string;
  readonly state: string;
}

/** `upstream` is an origin or any URL of it; `keyDigest` is a digest, never the vendor key itself. */
export const permitKeys = (upstream: string, keyDigest: string): PermitKeys => {
  if (!/^[\w-]{1,64}$/.test(keyDigest)) {
    throw new RangeError('the rate limiter needs a keyDigest of 1 to 64 letters, digits, - or _');
  }
  const { origin } = new URL(upstream);
  const digest = createHash('sha256').update(origin).digest('hex').slice(0, 12);
  const name = `{coinglass-permits:${digest}:${keyDigest}}`;
  return { slots: `${name}:slots`, state: `${name}:state` };
};
