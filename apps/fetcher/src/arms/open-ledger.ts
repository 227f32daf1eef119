import { randomUUID } from 'node:crypto';
import { MinuteLedger, type MinuteLedgerOptions } from '@glasshouse/canary';
import type { FetcherConfig } from '../config.ts';
import type { CanaryClient } from './canary-client.ts';

export interface OpenLedgerParts extends Pick<MinuteLedgerOptions, 'redis'> {
  readonly config: Pick<FetcherConfig, 'CANARY_MINUTE_MS'>;
  readonly canary: Pick<CanaryClient, 'digest' | 'options'>;
}

/** This process's hand in the ledger of both arms. */
export const openLedger = ({
  config,
  redis,
  canary: { digest, options },
}: OpenLedgerParts): MinuteLedger =>
  new MinuteLedger({
    redis,
    instance: randomUUID(),
    periodMs: config.CANARY_MINUTE_MS,
    canary: { digest, options },
  });
