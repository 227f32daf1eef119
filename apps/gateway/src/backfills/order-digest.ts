import { createHash } from 'node:crypto';
import type { BackfillBody } from './backfill-ask.ts';

/** Tells two orders under one Idempotency-Key apart; without what changes nothing about an order. */
export const digestOf = ({ quoteOnly: _, ...body }: BackfillBody): string =>
  createHash('sha256').update(JSON.stringify(body)).digest('base64url');
