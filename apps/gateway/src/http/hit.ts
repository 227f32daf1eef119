import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller, HitAccess } from '../access/access.ts';
import type { Memory } from '../representations/memory.ts';
import type { Representation } from '../representations/representation.ts';
import { negotiate } from './encoding.ts';
import { sendVariant } from './send.ts';

export interface HitObserver {
  /** Called for each hit, on the hot path: count, and now and then make a span. */
  hit(request: IncomingMessage, representation: Representation, caller: Caller): void;
}

export interface HitParts {
  readonly memory: Memory;
  readonly access: HitAccess;
  readonly observer: HitObserver;
  readonly now?: () => number;
}

/** The memory's name of a request: its URL, and the one header that changes what the URL means. */
export const urlKeyOf = (request: IncomingMessage): string =>
  request.headers['x-allow-fallback'] === 'true' ? `fallback ${request.url}` : (request.url ?? '');

/**
 * The hit path, ahead of Nest and Fastify: a known URL whose representation is fresh and whose bytes are there in a fitting
 * encoding is sent as it lies to who may read. Anything else is not ours: the answer is false and nothing has been written.
 */
export const createHitHandler =
  ({ memory, access, observer, now = Date.now }: HitParts) =>
  (request: IncomingMessage, response: ServerResponse): boolean => {
    if (request.method !== 'GET') return false;
    const representation = memory.hit(urlKeyOf(request));
    if (!representation) return false;
    const variant = representation.ready(negotiate(request.headers['accept-encoding']));
    if (!variant) return false;
    // Last: it takes one of the team's requests.
    const caller = access.enterAtOnce(request.headers, 'read');
    if (!caller) return false;
    observer.hit(request, representation, caller);
    sendVariant(
      request,
      response,
      representation,
      variant,
      'hit',
      now() - representation.fetchedAt,
    );
    return true;
  };
