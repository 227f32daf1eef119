import { endpointIds } from '@glasshouse/coinglass-client';
import {
  checkDocument,
  completed,
  FlagStore,
  readFlagsFile,
  type FlagsSource,
} from '@glasshouse/flags';
import type { createRedis } from '@glasshouse/service-kit';

export interface FlagsPlaces {
  readonly redis: ReturnType<typeof createRedis>;
  /** The defaults, in force while nobody has changed a flag. */
  readonly file: string;
}

/**
 * Where a process that starts now has its flags from: the document in Redis, else the file of defaults. Rejects with a `FlagsError`
 * when what is there cannot be used, and with ioredis' errors when Redis is away.
 */
export const flagsSourceOf = ({ redis, file }: FlagsPlaces): (() => Promise<FlagsSource>) => {
  const store = new FlagStore({ redis, endpointIds });
  return async () => {
    const stored = await store.read();
    const defaults = checkDocument(readFlagsFile(file), store.knownKeys).document;
    // What an earlier release could not know is no fault of the document: the first process adds it.
    if (stored) checkDocument(completed(stored, defaults, store.knownKeys), store.knownKeys);
    return stored === undefined
      ? { from: 'file', stale: false }
      : { from: 'redis', version: stored.version, stale: false };
  };
};
