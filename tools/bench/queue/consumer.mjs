// A consumer of the shared queue in a process of its own: consumer.mjs bare|stack <Redis URL>. `bare`: BullMQ's worker on a connection of
// ioredis, as its documentation has it, with a processor that does nothing. `stack`: the fetcher's workers and runner, with its log, spans and announcements, and a desk that answers at once.
import { fileURLToPath } from 'node:url';
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { JobRecords, keyPrefix, queueNames, retention } from '@glasshouse/fetch-queue';
import { createFlags } from '@glasshouse/flags';
import { createLogger, createRedis } from '@glasshouse/service-kit';
import { createJobArms } from '../../../apps/fetcher/dist/arms/job-arm.js';
import { createConsumerSpans } from '../../../apps/fetcher/dist/jobs/consumer-span.js';
import { FetcherJobs } from '../../../apps/fetcher/dist/jobs/fetcher-jobs.js';
import { JobRunner } from '../../../apps/fetcher/dist/jobs/job-runner.js';
import { createTell } from '../../../apps/fetcher/dist/jobs/tell.js';

const [kind, url = ''] = process.argv.slice(2);
const concurrency = 16;
const logger = createLogger({ service: 'bench', level: 'info', secrets: [] });

const openStack = () => {
  const facts = {
    key: 'v1.bench',
    endpoint: 'etf/bitcoin/list',
    params: {},
    source: 'sandbox',
    permits: 0,
  };
  const fetched = {
    askedKey: 'v1.bench',
    facts: { ...facts, fetchedAt: 1, freshUntil: 2, staleUntil: 3 },
    permits: 0,
  };
  const connection = createRedis(url, 'worker', { logger, name: 'bench' });
  const tell = createTell({ redis: connection, records: new JobRecords(connection) });
  const document = fileURLToPath(new URL('../../../config/flags.json', import.meta.url));
  const runner = new JobRunner({
    desk: { fetch: async () => fetched },
    probeStream: async () => ({ permits: 0, openMs: 0, pongMs: 0 }),
    teams: { shareOf: () => ({ id: 'open', weight: 1 }) },
    armOf: createJobArms(createFlags({ document, logger })),
    ledger: { count: () => undefined },
    quarantine: { perform: () => Promise.reject(new Error('no worker dies here')) },
    announce: { shared: tell, interactive: tell },
    inSpan: createConsumerSpans(),
    logger,
  });
  const jobs = new FetcherJobs({
    runner,
    connection,
    concurrency,
    logger,
  });
  jobs.start();
};

const openBare = () =>
  new Worker(queueNames.shared, async () => ({ permits: 0 }), {
    connection: new Redis(url, { maxRetriesPerRequest: null }),
    prefix: keyPrefix,
    concurrency,
    ...retention,
  }).on('error', () => undefined);

if (kind === 'stack') openStack();
else openBare();
process.on('SIGTERM', () => process.exit(0));
