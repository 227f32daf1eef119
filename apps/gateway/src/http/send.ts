import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Representation, Variant } from '../representations/representation.ts';

/** How an answer came about: `hit` from the store, `stale` from the store past its freshness, `miss` fetched for this request,
 * `coalesced` fetched for another request that meant the same. */
export type CacheState = 'hit' | 'stale' | 'miss' | 'coalesced';

/**
 * Sends stored bytes, or 304 when the caller has them. What belongs to this one request is a header; nothing here
 * serialises or compresses.
 */
export const sendVariant = (
  request: IncomingMessage,
  response: ServerResponse,
  representation: Representation,
  variant: Variant,
  cache: CacheState,
  ageMs: number,
  extra: readonly string[] = [],
): void => {
  const age = ['x-cache', cache, 'age', String(Math.max(0, Math.floor(ageMs / 1_000)))];
  const ifNoneMatch = request.headers['if-none-match'];
  if (ifNoneMatch !== undefined && representation.matches(ifNoneMatch)) {
    response.writeHead(304, [
      'etag',
      variant.etag,
      'vary',
      'accept-encoding, x-allow-fallback',
      ...age,
      ...extra,
    ]);
    response.end();
    return;
  }
  response.writeHead(200, [...variant.headers, ...age, ...extra]);
  response.end(request.method === 'HEAD' ? undefined : variant.body);
};
