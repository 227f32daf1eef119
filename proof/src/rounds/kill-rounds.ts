import { PrivateRedis } from '@glasshouse/private-redis';
import { createRedisRateLimiter } from '@glasshouse/rate-limiter';
import { setTimeout as sleep } from 'node:timers/promises';
import { createWindows } from '../windows.ts';
import { createFetchers } from './fetchers.ts';
import { startVendorServer } from './vendor-server.ts';

/** What the processes go through. */
export interface Rounds {
  readonly limit: number;
  readonly windowMs: number;
  readonly leaseMs: number;
  readonly permitMaxAgeMs: number;
  readonly attemptTimeoutMs: number;
  readonly processes: number;
  readonly callers: number;
  readonly kills: number;
  /** Each for longer than the lease. */
  readonly freezes: number;
  readonly flushes: number;
  readonly redisRestarts: number;
  readonly pauseMs: number;
  /** Share of the requests that are never answered and counted late. */
  readonly silent: number;
  readonly quietMs: number;
}

export interface RoundsOutcome {
  readonly arrivals: number;
  readonly tookMs: number;
  readonly worstSliding: number;
  readonly worstAligned: number;
  /** While nothing befell anybody, at the end: of the limit, as a share. */
  readonly use: number;
}

type Blow = 'kill' | 'freeze' | 'flush' | 'restart';

/** Evenly mixed: the rare ones are spread over the many. */
export const blowsOf = ({ kills, freezes, flushes, redisRestarts }: Rounds): Blow[] => {
  const counts: Record<Blow, number> = {
    kill: kills,
    freeze: freezes,
    flush: flushes,
    restart: redisRestarts,
  };
  const placed = Object.entries(counts).flatMap(([blow, count]) =>
    Array.from({ length: count }, (_, n) => ({ blow: blow as Blow, at: (n + 0.5) / count })),
  );
  return placed.sort((one, other) => one.at - other.at).map(({ blow }) => blow);
};

const readWindows = (arrivals: readonly number[], windowMs: number) => {
  const windows = createWindows(windowMs);
  for (const time of arrivals.toSorted((one, other) => one - other)) windows.add(time);
  return windows;
};

/** Real processes on a real Redis, killed, frozen and robbed of their state; the vendor writes down what arrives. */
export const playRounds = async (rounds: Rounds): Promise<RoundsOutcome> => {
  const { limit, windowMs, leaseMs, permitMaxAgeMs, attemptTimeoutMs } = rounds;
  const lateMaxMs = leaseMs - permitMaxAgeMs;
  const vendor = await startVendorServer({
    jitterMs: windowMs / 100,
    silent: rounds.silent,
    lateMaxMs,
  });
  const server = await PrivateRedis.started();
  const redis = server.client();
  const launcher = createRedisRateLimiter({
    redis,
    upstream: vendor.url,
    keyDigest: 'rounds',
    limit,
    windowMs,
    leaseMs,
    permitMaxAgeMs,
  });
  await launcher.declareEpoch();
  const fetchers = createFetchers(rounds.processes, {
    redisPort: server.port,
    vendorUrl: vendor.url,
    limit,
    windowMs,
    leaseMs,
    permitMaxAgeMs,
    attemptTimeoutMs,
    callers: rounds.callers,
  });
  const startedAt = performance.now();
  const recovered = windowMs + leaseMs + rounds.pauseMs;

  const strike = async (blow: Blow, n: number): Promise<void> => {
    if (blow === 'kill') await fetchers.kill(n);
    if (blow === 'freeze') fetchers.freeze(n + 1, leaseMs + Math.random() * windowMs);
    if (blow === 'flush') await redis.flushall();
    if (blow === 'restart') {
      await server.kill();
      await server.start();
    }
    await sleep(blow === 'flush' || blow === 'restart' ? recovered : rounds.pauseMs);
  };

  try {
    await fetchers.start();
    await sleep(windowMs);
    for (const [n, blow] of blowsOf(rounds).entries()) await strike(blow, n);
    await sleep(windowMs + leaseMs);
    const quietFrom = performance.now();
    await sleep(rounds.quietMs);
    const windows = readWindows(vendor.arrivals, windowMs);
    return {
      arrivals: windows.total(),
      tookMs: performance.now() - startedAt,
      worstSliding: windows.worstSliding(),
      worstAligned: windows.worstAligned(),
      use: windows.useSince(quietFrom, limit),
    };
  } finally {
    await fetchers.stop();
    await vendor.close();
    await server.stop();
  }
};
