import type { IncomingHttpHeaders } from 'node:http';
import { Failure } from '@glasshouse/coinglass-client';

const bearer = /^Bearer +(\S+) *$/i;

/**
 * The key a request brings: as `Authorization: Bearer`, or as `CG-API-KEY`, where clients of CoinGlass put theirs. Undefined when there
 * is none; null when two are sent that differ: nobody can say which was meant.
 */
export const sentKey = (headers: IncomingHttpHeaders): string | null | undefined => {
  const own = headers['cg-api-key'];
  const { authorization } = headers;
  if (authorization === undefined) return typeof own === 'string' ? own : undefined;
  const [, token] = bearer.exec(authorization) ?? [];
  if (own === undefined) return token;
  return token === own ? token : null;
};

/** One body for every reason, so that it cannot be told from outside whether a key ever was one. */
export const noValidKey = (retryAfterMs?: number): Failure =>
  new Failure(
    'unauthenticated',
    'A valid team key is needed, as "Authorization: Bearer gh_…" or as "CG-API-KEY: gh_…"; ask the operators for one',
    retryAfterMs === undefined ? {} : { retryAfterMs },
  );

export const twoKeys = (): Failure =>
  new Failure(
    'unauthenticated',
    'Authorization and CG-API-KEY are both sent and hold different keys; send one of them',
  );
