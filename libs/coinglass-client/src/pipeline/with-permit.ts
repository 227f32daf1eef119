import { trace } from '@opentelemetry/api';
import { Failure, isFailure } from '../failures.ts';
import type { Attempt, Page, Send, Sending } from './call.ts';
import { noPermitInTime } from '../no-permit-in-time.ts';
import {
  isPermitWait,
  Postponed,
  type Permit,
  type PermitBook,
  type PermitSource,
  type PermitWait,
  type Settlement,
} from './permits.ts';
import { ensureInTime } from './with-deadline.ts';

interface PermitParts {
  readonly permits: PermitSource;
  readonly book: PermitBook;
  readonly waitMaxMs: number;
  readonly now: () => number;
}

/**
 * One permit for each sending, told afterwards what became of it. A throttled answer is reported to the limiter,
 * which stops everyone; whether and when to send again is left to the quick retry and the queue.
 */
export const withPermit =
  (parts: PermitParts, next: Send<Attempt, Page>): Send<Sending, Page> =>
  async (sending) => {
    const { permit, permittedAt, permitWaitMs } = await takeFresh(parts, sending);
    let witnessed = { kind: 'unknown' } as Settlement;
    const witness = (settlement: Settlement) => {
      if (witnessed.kind === 'unknown') witnessed = settlement;
    };
    let succeeded = false;
    try {
      const mayBegin = () => permit.isFresh() && parts.now() < sending.deadlineAt;
      const page = await next({ ...sending, permitWaitMs, permittedAt, mayBegin, witness });
      succeeded = true;
      return page;
    } catch (thrown) {
      if (isFailure(thrown) && thrown.kind === 'upstream-throttled')
        throw await pauseEveryone(parts.permits, permit, thrown, witnessed);
      throw thrown;
    } finally {
      if (witnessed.kind === 'never-sent') parts.book.returned(sending.arm, permittedAt);
      permit.settle(witnessed.kind === 'answered' ? { ...witnessed, succeeded } : witnessed);
    }
  };

/** The permit is looked at again right before use: a process that was frozen must not send on an old grant. */
const takeFresh = async (parts: PermitParts, sending: Sending) => {
  for (let permitWaitMs = 0; ;) {
    const taken = await takeOnce(parts, sending);
    if (isPermitWait(taken)) throw whyNot(taken, sending, parts.now());
    permitWaitMs += taken.waitedMs;
    const permittedAt = parts.now();
    parts.book.granted(sending.arm, permittedAt);
    const giveBack = () => {
      parts.book.returned(sending.arm, permittedAt);
      taken.settle({ kind: 'never-sent' });
    };
    try {
      ensureInTime(sending, parts.now);
    } catch (late) {
      giveBack();
      throw late;
    }
    if (taken.isFresh()) return { permit: taken, permittedAt, permitWaitMs };
    giveBack();
  }
};

const takeOnce = async ({ permits, waitMaxMs, now }: PermitParts, sending: Sending) => {
  const { lane, arm, team, signal } = sending;
  const turn = sending.turn && { ...sending.turn, withinMs: sending.deadlineAt - now() };
  try {
    return await permits.take({ lane, arm, team, ...(turn && { turn }), signal, waitMaxMs });
  } catch (thrown) {
    if (!isLimiterAway(thrown)) throw thrown;
    throw new Failure('store-unavailable', 'No permit: the store of the rate limit is away', {
      cause: thrown,
    });
  }
};

// By name: the limiter is another library and knows nothing of our classes.
const isLimiterAway = (thrown: unknown) =>
  thrown instanceof Error && thrown.name === 'RateLimiterUnavailable';

const whyNot = ({ waitMs, because }: PermitWait, { deadlineAt }: Sending, nowMs: number) => {
  if (nowMs + waitMs < deadlineAt) return new Postponed(waitMs, because);
  const retryAfterMs = waitMs;
  return noPermitInTime(because, retryAfterMs);
};

/**
 * The same failure with the time at which the shared pause ends, as far as the limiter could be told. The cause goes to the span of the
 * job: the attempt's own has ended by then.
 */
const pauseEveryone = async (
  permits: PermitSource,
  permit: Permit,
  failure: Failure,
  witnessed: Settlement,
) => {
  const told = witnessed.kind === 'answered' ? witnessed.quota : undefined;
  try {
    const { resumesInMs, cause } = await permits.pause(permit, failure.retryAfterMs, told);
    if (cause !== undefined) {
      trace.getActiveSpan()?.setAttribute('coinglass.throttle.cause', cause);
    }
    return new Failure(failure.kind, failure.detail, {
      ...failure.toRecord(),
      retryAfterMs: resumesInMs,
    });
  } catch (thrown) {
    if (isLimiterAway(thrown)) return failure;
    throw thrown;
  }
};
