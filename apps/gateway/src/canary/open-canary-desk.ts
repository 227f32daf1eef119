import { CanaryDesk, LedgerReader, RunStore } from '@glasshouse/canary';
import { endpointIds } from '@glasshouse/coinglass-client';
import { defaultsIn, FlagStore } from '@glasshouse/flags';
import type { Redis } from 'ioredis';

export interface CanaryDeskParts {
  readonly redis: Redis;
  /** Path of the definitions that are in force as long as nobody has ever changed a flag. */
  readonly flagsFile: string;
}

export const openCanaryDesk = ({ redis, flagsFile }: CanaryDeskParts): CanaryDesk => {
  const flags = new FlagStore({ redis, endpointIds });
  const defaults = defaultsIn(flagsFile, flags.knownKeys);
  return new CanaryDesk({
    store: new RunStore({ redis }),
    ledger: new LedgerReader({ redis }),
    flags: async () => (await flags.read()) ?? { version: 0, document: defaults() },
  });
};
