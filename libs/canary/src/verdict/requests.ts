import type { PerArm } from '../arm.ts';
import type { MinuteCounts } from '../ledger/minute-counts.ts';
import { perArm } from './calls.ts';
import type { HoldReason } from './decision.ts';

/** What is remembered of the ledgers of requests. */
export interface RequestTally {
  /** Requests sent without a permit, so far. Permits that nobody used make up for none of them. */
  readonly unpaid: PerArm<number>;
  readonly sentBefore: number;
  readonly limitBefore?: number;
}

export const noRequests: RequestTally = { unpaid: { baseline: 0, canary: 0 }, sentBefore: 0 };

/** Ledgers of several processes are never quite of the same moment. */
const SLACK = 10;
/** Fewer are no reason to stand still: some refusals nobody is to blame for. */
const THROTTLED_MIN = 2;
const THROTTLED_SHARE = 0.01;

const sentOf = ({ requests }: MinuteCounts): number =>
  requests.baseline.sent + requests.canary.sent;

/**
 * The canary's unpaid requests add up over the whole run: a small leak at a small share shows in no single minute. The baseline's are
 * forgotten with the first minute in which it pays for all: it is not on trial, and only holds up the run while it is at fault.
 */
export const tallyRequests = (before: RequestTally, counts: MinuteCounts): RequestTally => {
  const { limitInForce } = counts;
  const unpaid = perArm((arm) => {
    const { sent, permits } = counts.requests[arm];
    if (arm === 'baseline' && sent <= permits) return 0;
    return Math.max(0, before.unpaid[arm] + sent - permits);
  });
  return {
    unpaid,
    sentBefore: sentOf(counts),
    ...(limitInForce === undefined ? {} : { limitBefore: limitInForce }),
  };
};

/** Whether the canary sends what it holds no permit for, or was granted more than the limit: then the 429s of both arms are its doing. */
export const overrun = (
  before: RequestTally,
  { unpaid }: RequestTally,
  counts: MinuteCounts,
): boolean => {
  // A limit that was lowered within the minute does not undo what was granted before.
  const limit = Math.max(counts.limitInForce ?? 0, before.limitBefore ?? 0);
  const overLimit = limit > 0 && counts.requests.canary.permits > limit + SLACK;
  return unpaid.canary > SLACK || overLimit;
};

/**
 * Who is to blame for requests that the vendor throttled, when it is not the canary. The key is shared, so whoever sends too much, the
 * refusals hit both arms: they are never held against the arm they hit, and what each was allowed and what it sent tells whose they are.
 */
export const throttledBy = (
  before: RequestTally,
  { unpaid }: RequestTally,
  counts: MinuteCounts,
): HoldReason | undefined => {
  const { baseline, canary } = counts.requests;
  const sent = baseline.sent + canary.sent;
  const throttled = baseline.throttled + canary.throttled;
  if (throttled < THROTTLED_MIN || throttled <= THROTTLED_SHARE * sent) return undefined;
  if (unpaid.baseline > SLACK) return 'quota:baseline';
  const { used } = counts.vendor;
  // The vendor's figure may be of a window that began in the minute before.
  if (used !== undefined && used - Math.max(sent, before.sentBefore) > SLACK)
    return 'quota:foreign';
  return 'quota:limit';
};
