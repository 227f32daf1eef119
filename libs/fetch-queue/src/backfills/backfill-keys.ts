import { createHash, randomBytes } from 'node:crypto';
import { keyPrefix } from '../keys.ts';

/** Every script gets these, in this order; the keys of one backfill begin with the first. */
export const backfillKeys = [
  `${keyPrefix}:backfill:`,
  `${keyPrefix}:backfills:active`,
  `${keyPrefix}:backfills:turns`,
  `${keyPrefix}:backfills:sizes`,
  `${keyPrefix}:backfills:expiries`,
] as const;

/** Hash: order, state and counters. `pages` holds what is known of each page, `data` its rows, `todo` when it may be fetched, `runs` by whom. */
export const backfillKey = (id: string, part?: 'pages' | 'data' | 'todo' | 'runs'): string =>
  part === undefined ? `${backfillKeys[0]}${id}` : `${backfillKeys[0]}${id}:${part}`;

/** Sorted set of a team's backfills, by creation. */
export const backfillsOfKey = (teamId: string): string => `${keyPrefix}:backfills:of:${teamId}`;

export const backfillIdForm = /^b[0-9a-f]{32}$/;

/** 128 bits: at random, so that nobody guesses another team's, or of a team's own Idempotency-Key, so that twice is once. */
export const newBackfillId = (idempotent?: { teamId: string; key: string }): string =>
  idempotent === undefined
    ? `b${randomBytes(16).toString('hex')}`
    : `b${createHash('sha256')
        .update(JSON.stringify([idempotent.teamId, idempotent.key]))
        .digest('hex')
        .slice(0, 32)}`;
