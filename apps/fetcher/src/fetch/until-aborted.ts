import { storeUnavailable } from '@glasshouse/fetch-queue';

/** The outcome of `work`, or the signal's reason as soon as it is aborted; the work itself goes on unwatched. */
export const untilAborted = async <T>(work: Promise<T>, signal: AbortSignal): Promise<T> => {
  const stopped = Promise.withResolvers<never>();
  const stop = (): void => stopped.reject(signal.reason as Error);
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, stopped.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
};

/**
 * Awaits a command of the answer store. A connection that waits for Redis to come back never fails, so the signal bounds it;
 * what Redis itself refuses (full, read-only) becomes `store-unavailable`.
 */
export const reachStore = async <T>(command: Promise<T>, signal: AbortSignal): Promise<T> => {
  try {
    return await untilAborted(command, signal);
  } catch (thrown) {
    if (signal.aborted && thrown === signal.reason) throw thrown;
    throw storeUnavailable(thrown);
  }
};
