import { Failure } from '../failures.ts';
import { abandonable, alarm, type Sleep } from './abortable.ts';
import type { Call, Page, Send } from './call.ts';

const deadlinePassed = () =>
  new Failure('deadline-passed', 'The deadline passed before CoinGlass gave an answer');

/** For the last look before sending: a timer may be late, the clock is not. */
export const ensureInTime = ({ signal, deadlineAt }: Call, now: () => number): void => {
  signal.throwIfAborted();
  if (now() >= deadlineAt) throw deadlinePassed();
};

/**
 * Outermost: bounds everything below, waiting and retries included. Here alone an abort becomes
 * `deadline-passed`; when the caller's own signal stops the call, its reason is what comes out.
 */
export const withDeadline =
  (
    { now, sleep }: { readonly now: () => number; readonly sleep: Sleep },
    next: Send<Call, Page>,
  ): Send<Call, Page> =>
  async (call) => {
    ensureInTime(call, now);
    const deadline = alarm(sleep, call.deadlineAt - now(), deadlinePassed);
    const signal = AbortSignal.any([call.signal, deadline.signal]);
    try {
      return await abandonable(next({ ...call, signal }), signal);
    } finally {
      deadline.cancel();
    }
  };
