import { storeUnavailable } from '@glasshouse/fetch-queue';

/** Awaits a command of Redis; what it refuses, or cannot be reached for, is `store-unavailable`. */
export const reach = async <T>(command: Promise<T>): Promise<T> => {
  try {
    return await command;
  } catch (cause) {
    throw storeUnavailable(cause);
  }
};
