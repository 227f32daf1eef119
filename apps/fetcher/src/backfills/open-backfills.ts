import { BackfillStore, PageLeases } from '@glasshouse/fetch-queue';
import type { Logger } from '@glasshouse/service-kit';
import type { Redis } from 'ioredis';
import type { FetchDesk } from '../fetch/fetch-desk.ts';
import { BackfillWorker } from './backfill-worker.ts';
import { createPageFetch, type PageFetchParts } from './page-fetch.ts';
import { PageRunner } from './page-runner.ts';

export interface BackfillParts extends Omit<PageFetchParts, 'now'> {
  readonly redis: Redis;
  readonly desk: Pick<FetchDesk, 'fetch'>;
  readonly logger: Logger;
  readonly now?: () => number;
  readonly random?: () => number;
  readonly leaseMs?: number;
  readonly pagesAtOnce?: number;
  readonly storeAgainMs?: number;
}

/** The fetcher's part of backfills, put together. A page whose fetcher died is fetched again after the lease, 15 s. */
export const openBackfills = ({
  redis,
  upstream,
  pipeline,
  forbidden,
  standing,
  desk,
  logger,
  now = Date.now,
  random = Math.random,
  leaseMs = 15_000,
  pagesAtOnce = 6,
  storeAgainMs = 2_000,
}: BackfillParts): BackfillWorker => {
  const leases = new PageLeases({ redis, upstream, leaseMs });
  const fetchPage = createPageFetch({ upstream, pipeline, forbidden, standing, now });
  const store = new BackfillStore({ redis });
  const runner = new PageRunner({
    leases,
    store,
    fetchPage,
    desk,
    standing,
    leaseMs,
    storeAgainMs,
    logger,
    now,
    random,
  });
  return new BackfillWorker({ leases, runner, pagesAtOnce, logger });
};
