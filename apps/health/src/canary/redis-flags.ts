import { endpointIds } from '@glasshouse/coinglass-client';
import { changeFlags, defaultsIn, FlagStore } from '@glasshouse/flags';
import type { createRedis } from '@glasshouse/service-kit';
import type { FlagPort } from './flag-port.ts';

export interface RedisFlagsOptions {
  readonly redis: ReturnType<typeof createRedis>;
  /** Path of the definitions that are in force as long as nobody has ever changed a flag. */
  readonly file: string;
  readonly store?: FlagStore;
}

/** The flags of the house: the document in Redis, or the file's definitions where there is none. */
export const redisFlags = ({
  redis,
  file,
  store = new FlagStore({ redis, endpointIds }),
}: RedisFlagsOptions): FlagPort => {
  const defaults = defaultsIn(file, store.knownKeys);
  return {
    read: async () => (await store.read()) ?? { version: 0, document: defaults() },
    change: (edit, audit) => changeFlags({ store, defaults: defaults(), edit, ...audit }),
  };
};
