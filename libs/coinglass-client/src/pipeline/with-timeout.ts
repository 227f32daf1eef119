import { Failure } from '../failures.ts';
import { abandonable, alarm, type Sleep } from './abortable.ts';
import type { Attempt, Page, Send } from './call.ts';

/**
 * Bounds one sending from the first byte out to the last byte in. Here alone a silent attempt becomes
 * `upstream-unavailable`. The request may still arrive, so nothing is said of the permit: its slot stays taken.
 */
export const withTimeout =
  (
    { attemptTimeoutMs, sleep }: { readonly attemptTimeoutMs: number; readonly sleep: Sleep },
    next: Send<Attempt, Page>,
  ): Send<Attempt, Page> =>
  async (attempt) => {
    const timeout = alarm(
      sleep,
      attemptTimeoutMs,
      () =>
        new Failure('upstream-unavailable', `CoinGlass gave no answer in ${attemptTimeoutMs} ms`),
    );
    const signal = AbortSignal.any([attempt.signal, timeout.signal]);
    try {
      return await abandonable(next({ ...attempt, signal }), signal);
    } finally {
      timeout.cancel();
    }
  };
