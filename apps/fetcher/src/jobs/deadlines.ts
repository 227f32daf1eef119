import type { Lane } from '../fetch/fetch-order.ts';

export interface JobDeadlines {
  /** Epoch ms: until then the job may begin, or come back and begin again; after it nobody wants the answer. */
  readonly startBy: number;
  /** Epoch ms: this run ends by then. */
  readonly runUntil: number;
}

/** However far ahead a job's own deadline lies. */
const lifeMaxMs = 24 * 3_600_000;
/** One run holds a place among the few that run at once; who needs longer comes back. */
const runMaxMs = 60_000;
/** A reader waits 60 s at most; a job from the shared queue may stand in line for long. */
const lifeMs: Readonly<Record<Lane, number>> = {
  interactive: 60_000,
  probe: 60_000,
  bulk: lifeMaxMs,
};

/**
 * The job's own deadline bounds the work; a job without one that has begun in time gets a whole run. `addedAt` is the producer's
 * clock and may be anything.
 */
export const deadlinesOf = (
  { deadlineAt, lane }: { readonly deadlineAt: number | undefined; readonly lane: Lane },
  addedAt: number,
  now: number,
): JobDeadlines => {
  const runUntil = now + runMaxMs;
  if (deadlineAt !== undefined) {
    const startBy = Math.min(deadlineAt, now + lifeMaxMs);
    return { startBy, runUntil: Math.min(startBy, runUntil) };
  }
  const since = Number.isFinite(addedAt) ? Math.min(addedAt, now) : now;
  return { startBy: since + lifeMs[lane], runUntil };
};
