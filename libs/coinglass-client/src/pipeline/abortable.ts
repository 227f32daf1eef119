/** Waiting that can be stopped. Time is a parameter everywhere else; here is the real one. */

/** Resolves after `delayMs`; rejects with the signal's reason as soon as that is aborted. */
export type Sleep = (delayMs: number, signal: AbortSignal) => Promise<void>;

/** Longer than this, `setTimeout` fires at once instead. */
const timerMsMax = 2 ** 31 - 1;

export const abortableSleep: Sleep = (delayMs, signal) =>
  new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(
      () => {
        signal.removeEventListener('abort', stop);
        resolve();
      },
      Math.min(delayMs, timerMsMax),
    );
    signal.addEventListener('abort', stop, { once: true });
  });

/** The outcome of `work`, or the signal's reason as soon as it is aborted; the work itself may not listen, and goes on unwatched. */
export const abandonable = async <T>(work: Promise<T>, signal: AbortSignal): Promise<T> => {
  const stopped = Promise.withResolvers<never>();
  const stop = () => stopped.reject(signal.reason as Error);
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, stopped.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
};

/** Nobody sees it. Without a reason of its own every abort would make a DOMException with a stack. */
const cancelled = new Error('cancelled');

export interface Alarm {
  readonly signal: AbortSignal;
  cancel(): void;
}

/** A signal that aborts with `reason()` after `delayMs`, unless the alarm is cancelled first. */
export const alarm = (sleep: Sleep, delayMs: number, reason: () => Error): Alarm => {
  const ringing = new AbortController();
  const cancelling = new AbortController();
  sleep(delayMs, cancelling.signal).then(
    () => ringing.abort(reason()),
    () => undefined,
  );
  return { signal: ringing.signal, cancel: () => cancelling.abort(cancelled) };
};
