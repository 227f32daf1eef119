import { isFailure, type Failure } from '../failures.ts';
import type { Sleep } from './abortable.ts';
import type { Call, Page, Send, Sending } from './call.ts';
import { Garbled } from './garbled.ts';

interface QuickRetryParts {
  readonly sendsMax: number;
  readonly firstBackOffMs: number;
  /** A pause that lasts longer is not waited for in place. */
  readonly pauseWaitMaxMs: number;
  readonly random: () => number;
  readonly now: () => number;
  readonly sleep: Sleep;
}

/**
 * Sends again at once, if the failures table says that it may help and the deadline leaves room for it. Outside
 * the permit, so each sending pays its own. What it gives up on is the queue's matter; what must wait for a
 * permit (`Postponed`) passes through.
 */
export const withQuickRetry =
  (
    { sendsMax, firstBackOffMs, pauseWaitMaxMs, random, now, sleep }: QuickRetryParts,
    next: Send<Sending, Page>,
  ): Send<Call, Page> =>
  async (call) => {
    for (let attempt = 1, garbledBefore = false; ; attempt += 1) {
      try {
        return await next({ ...call, attempt });
      } catch (thrown) {
        if (
          attempt >= Math.min(sendsMax, call.sendsMax ?? sendsMax) ||
          call.signal.aborted ||
          !isFailure(thrown)
        )
          throw thrown;
        // Full jitter: callers that failed together do not come back together.
        const backoffMs = random() * firstBackOffMs * 2 ** (attempt - 1);
        const delayMs = delayBefore(thrown, { backoffMs, garbledBefore, pauseWaitMaxMs });
        if (delayMs === undefined || now() + delayMs >= call.deadlineAt) throw thrown;
        garbledBefore ||= thrown instanceof Garbled;
        await sleep(delayMs, call.signal);
      }
    }
  };

interface Patience {
  readonly backoffMs: number;
  readonly garbledBefore: boolean;
  readonly pauseWaitMaxMs: number;
}

/** How long to wait before sending again; undefined when that would help nobody. */
const delayBefore = (
  failure: Failure,
  { backoffMs, garbledBefore, pauseWaitMaxMs }: Patience,
): number | undefined => {
  switch (failure.rule.quickRetry) {
    case 'yes':
      return backoffMs;
    case 'once':
      return failure instanceof Garbled && !garbledBefore ? backoffMs : undefined;
    case 'pause-permitting': {
      // The permit step has told the limiter and written here when the shared pause ends.
      const { retryAfterMs: pauseMs } = failure;
      return pauseMs !== undefined && pauseMs <= pauseWaitMaxMs ? pauseMs : undefined;
    }
    case 'no':
      return undefined;
  }
};
