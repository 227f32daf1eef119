import { createHash } from 'node:crypto';
import type { FetchJob } from '../job.ts';

/** Sorted all the way down, so that members in another order are the same question. */
const canonical = (value: unknown): unknown =>
  typeof value === 'object' && value !== null
    ? Object.entries(value)
        .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
        .map(([name, member]) => [name, canonical(member)])
    : value;

/**
 * Names what a job asks, for deduplication among producers: who asks, until when and in which trace do not matter. The same
 * question in another wording has another name; the store still answers the second one for nothing.
 */
export const questionIdOf = ({
  deadlineAt: _until,
  team: _who,
  traceparent: _trace,
  ...question
}: FetchJob): string =>
  `q.${createHash('sha256')
    .update(JSON.stringify(canonical(question)))
    .digest('base64url')
    .slice(0, 22)}`;
