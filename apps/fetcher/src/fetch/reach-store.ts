import { abandonable } from '@glasshouse/coinglass-client';
import { storeUnavailable } from '@glasshouse/fetch-queue';

/**
 * Awaits a command of the answer store. A connection that waits for Redis to come back never fails, so the signal bounds it;
 * what Redis itself refuses (full, read-only) becomes `store-unavailable`.
 */
export const reachStore = async <T>(command: Promise<T>, signal: AbortSignal): Promise<T> => {
  try {
    return await abandonable(command, signal);
  } catch (thrown) {
    if (signal.aborted && thrown === signal.reason) throw thrown;
    throw storeUnavailable(thrown);
  }
};
