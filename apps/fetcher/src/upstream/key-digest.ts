import { createHmac } from 'node:crypto';

/**
 * Names a vendor key where it must be told apart from others but not known: in Redis keys. Twelve characters of a keyed digest lead
 * nobody back to the key.
 */
export const keyDigestOf = (apiKey: string): string =>
  createHmac('sha256', 'glasshouse: name of a vendor key')
    .update(apiKey)
    .digest('base64url')
    .slice(0, 12);
