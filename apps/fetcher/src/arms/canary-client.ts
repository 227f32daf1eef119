import { createHash } from 'node:crypto';
import type { Endpoint, Interval, PipelineParts } from '@glasshouse/coinglass-client';
import type { CanaryOptions } from './canary-options.ts';

/** The canary of this fetcher, as far as it is another client than the baseline. */
export interface CanaryClient {
  /** The same for the same options, and `same` when there are none. */
  readonly digest: string;
  /** Names of what differs, sorted. */
  readonly options: readonly string[];
  /** Absent: the baseline's. */
  readonly baseUrl: string | undefined;
  readonly pipeline: Pick<PipelineParts, 'sendsMax' | 'firstBackOffMs' | 'attemptTimeoutMs'>;
  readonly maxSteps: number | undefined;
  readonly rungs: readonly Interval[] | undefined;
  /** The endpoint as the canary knows it. */
  readonly endpoint: (endpoint: Endpoint) => Endpoint;
}

export const createCanaryClient = (options: CanaryOptions): CanaryClient => {
  const { baseUrl, retry = {}, fallback = {}, catalogue = {} } = options;
  const { sendsMax, firstBackOffMs, timeOutMs } = retry;
  const leaves = leavesOf(options);
  const known = new Map<string, Endpoint>();
  return {
    digest: leaves.length === 0 ? 'same' : digestOf(leaves),
    options: leaves.map(([name]) => name),
    baseUrl,
    pipeline: {
      ...(sendsMax !== undefined && { sendsMax }),
      ...(firstBackOffMs !== undefined && { firstBackOffMs }),
      ...(timeOutMs !== undefined && { attemptTimeoutMs: timeOutMs }),
    },
    maxSteps: fallback.steps,
    rungs: fallback.rungs,
    endpoint: (endpoint) => {
      const other = catalogue[endpoint.id];
      if (!other) return endpoint;
      const made = known.get(endpoint.id) ?? withOptions(endpoint, other);
      known.set(endpoint.id, made);
      return made;
    },
  };
};

const withOptions = (
  endpoint: Endpoint,
  { path, intervals, constants }: NonNullable<CanaryOptions['catalogue']>[string],
): Endpoint => ({
  ...endpoint,
  ...(path !== undefined && { path }),
  ...(intervals !== undefined && { intervals }),
  ...(constants !== undefined && { constants }),
});

type Leaf = readonly [name: string, value: unknown];

/** Every option that is set, by its place, in alphabetical order; a list is one option. */
const leavesOf = (value: unknown, place: readonly string[] = []): Leaf[] => {
  if (value === undefined) return [];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [[place.join('.'), value]];
  }
  return Object.entries(value)
    .flatMap(([name, member]) => leavesOf(member, [...place, name]))
    .sort(([a], [b]) => (a < b ? -1 : 1));
};

const digestOf = (leaves: readonly Leaf[]): string =>
  createHash('sha256').update(JSON.stringify(leaves)).digest('base64url').slice(0, 12);
