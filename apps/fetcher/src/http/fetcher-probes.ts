import { inspectSource, type OpenFlags } from '@glasshouse/flags';
import type { RateLimiter } from '@glasshouse/rate-limiter';
import { createProbes, type CheckResult, type Mask, type Probes } from '@glasshouse/service-kit';
import { version } from '../version.ts';

export interface FetcherProbesParts {
  /** Fails fast. */
  readonly redis: { ping(): Promise<unknown> };
  readonly limiter: Pick<RateLimiter, 'status'>;
  readonly flags: Pick<OpenFlags, 'source'>;
  /** Jobs and asks together. */
  readonly jobs: { readonly taking: boolean; readonly running: number };
  readonly mask: Mask;
}

/** A fetcher without Redis is alive, but of no use: no jobs, no permits. */
export const createFetcherProbes = ({
  redis,
  limiter,
  flags,
  jobs,
  mask,
}: FetcherProbesParts): Probes =>
  createProbes({
    service: 'fetcher',
    version,
    mask,
    ready: async () => {
      await redis.ping();
      return jobs.taking;
    },
    checks: {
      'redis:ping': async () => {
        await redis.ping();
        return { status: 'pass' };
      },
      'permits:taken': async () => permitsCheck(await limiter.status()),
      'flags:source': () => Promise.resolve(inspectSource(flags.source())),
      'jobs:running': () =>
        Promise.resolve({
          status: jobs.taking ? 'pass' : 'warn',
          observedValue: jobs.running,
          observedUnit: 'jobs',
          ...(!jobs.taking && { output: 'no jobs are taken now' }),
        }),
    },
  });

const permitsCheck = ({
  limit,
  inUse,
  pausedForMs,
  stateLostForMs,
}: Awaited<ReturnType<RateLimiter['status']>>): CheckResult => {
  const waits = [
    ...(pausedForMs > 0 ? [`CoinGlass throttles us: paused for ${pausedForMs} ms`] : []),
    ...(stateLostForMs > 0
      ? [`the limiter lost its state: no requests for ${stateLostForMs} ms`]
      : []),
  ];
  return {
    status: waits.length > 0 ? 'warn' : 'pass',
    observedValue: inUse,
    observedUnit: `of ${limit} requests`,
    ...(waits.length > 0 && { output: waits.join('; ') }),
  };
};
