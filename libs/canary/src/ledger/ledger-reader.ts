import type { Redis } from 'ioredis';
import { armNames } from '../arm.ts';
import type { CallCounts, MinuteCounts, RequestLedger } from './minute-counts.ts';
import {
  fetcherAnnouncement,
  fetcherMinute,
  noCalls,
  noRequests,
  type CanaryClient,
  type FetcherMinute,
} from './fetcher-minute.ts';
import { announcedMs } from './minute-ledger.ts';
import { ledgerKeys } from './redis-keys.ts';

export interface FetcherAnnouncement {
  /** Names a fetcher as long as it runs. */
  readonly instance: string;
  readonly canary: CanaryClient;
  /** Epoch ms of when it last said so. */
  readonly at: number;
}

/** What all fetchers together counted. Every method rejects when Redis cannot be asked. */
export class LedgerReader {
  readonly #redis: Pick<Redis, 'hvals' | 'zrangebyscore'>;

  constructor({ redis }: { readonly redis: Pick<Redis, 'hvals' | 'zrangebyscore'> }) {
    this.#redis = redis;
  }

  /** The period that began at `at` (epoch ms, a multiple of the period's length); undefined when no fetcher told anything of it. */
  async minute(at: number): Promise<MinuteCounts | undefined> {
    const fields = await this.#redis.hvals(ledgerKeys.minute(at));
    const told = fields.flatMap((field) => readable(field, (json) => fetcherMinute.parse(json)));
    return told.length === 0 ? undefined : together(at, told);
  }

  /** Which canary the running fetchers have; a fetcher that stopped is told of for up to 15 s. */
  async announcements(now = Date.now()): Promise<FetcherAnnouncement[]> {
    const entries = await this.#redis.zrangebyscore(
      ledgerKeys.fetchers,
      now - announcedMs,
      '+inf',
      'WITHSCORES',
    );
    return entries.flatMap((entry, index) =>
      index % 2 === 0
        ? readable(entry, (json) => ({
            ...fetcherAnnouncement.parse(json),
            at: Number(entries[index + 1]),
          }))
        : [],
    );
  }
}

/** One that is not readable, of another version perhaps, says nothing; the others' word stands. */
const readable = <T>(text: string, read: (json: unknown) => T): T[] => {
  try {
    return [read(JSON.parse(text))];
  } catch {
    return [];
  }
};

const together = (at: number, told: readonly FetcherMinute[]): MinuteCounts => {
  const used = largest(told.map(({ vendorUsed }) => vendorUsed));
  const limit = largest(told.map(({ vendorLimit }) => vendorLimit));
  const inForce = largest(told.map(({ limitInForce }) => limitInForce));
  const operations = [...new Set(told.flatMap((one) => Object.keys(one.operations)))].sort();
  return {
    at,
    operations: Object.fromEntries(
      operations.map((operation) => [
        operation,
        perArm((arm): CallCounts =>
          told.map((one) => one.operations[operation]?.[arm] ?? noCalls).reduce(sum, noCalls),
        ),
      ]),
    ),
    requests: perArm((arm): RequestLedger =>
      told.map(({ requests }) => requests[arm]).reduce(sum, noRequests),
    ),
    vendor: { ...(used !== undefined && { used }), ...(limit !== undefined && { limit }) },
    ...(inForce !== undefined && { limitInForce: inForce }),
    traces: told.flatMap(({ traces }) => traces),
  };
};

const perArm = <T>(of: (arm: (typeof armNames)[number]) => T) => ({
  baseline: of('baseline'),
  canary: of('canary'),
});

/** Of two objects with the same names. */
const sum = <Counts extends object>(one: Counts, other: Counts): Counts =>
  Object.fromEntries(
    Object.entries(one).map(([name, count]) => [
      name,
      Number(count) + Number(other[name as keyof Counts]),
    ]),
  ) as Counts;

const largest = (figures: readonly (number | undefined)[]): number | undefined => {
  const known = figures.filter((figure) => figure !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
};
