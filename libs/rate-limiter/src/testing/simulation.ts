import { createLimiter } from '../limiter.ts';
import type { Lane } from '../lanes.ts';
import { createMemoryPermitStore } from '../memory/permit-store.ts';
import type { Permit, PermitWait } from '../rate-limiter.ts';
import type { PermitStore } from '../store.ts';
import { createSimulatedClock, microtasksRun } from './simulated-clock.ts';

/** What a simulated house is made of and what befalls it. Rates are chances per request. */
export interface Scenario {
  readonly seed: number;
  readonly limit: number;
  readonly windowMs: number;
  readonly leaseMs: number;
  readonly durationMs: number;
  readonly processes: number;
  /** Workers of each process, each with one request at a time, by lane. */
  readonly workers: Partial<Record<Lane, number>>;
  /** From sending to having read the answer, evenly spread from 0. */
  readonly latencyMaxMs: number;
  /** Between a process and the store, each way. */
  readonly storeDelayMaxMs: number;
  readonly idleMaxMs?: number;
  readonly crashes?: number;
  readonly timeouts?: number;
  readonly refusals?: number;
  /** The process stands still between getting a permit and using it. */
  readonly freezes?: number;
  readonly throttles?: number;
  readonly stateLosses?: number;
}

export interface Outcome {
  readonly arrivals: number[];
  readonly storeCalls: number;
  readonly foreignSeen: number;
  readonly crashes: number;
  readonly stateLosses: number;
}

/** A small, good enough generator (mulberry32), so that a seed tells the whole story. */
const seededRandom = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
};

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);
const PERMIT_MAX_AGE_MS = 2_000;

/** Plays a scenario on the memory twin, with the real limiter in each process, and tells when requests arrived. */
export const simulate = async (scenario: Scenario): Promise<Outcome> => {
  const { limit, windowMs, leaseMs, latencyMaxMs, durationMs, storeDelayMaxMs } = scenario;
  const random = seededRandom(scenario.seed);
  const clock = createSimulatedClock(microtasksRun);
  const { now } = clock;
  const store = createMemoryPermitStore(now);
  const sleep = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve));
  const chance = (rate = 0) => random() < rate;
  const upTo = (ms: number) => random() * ms;
  const endsAt = now() + durationMs;

  const arrivals: number[] = [];
  let storeCalls = 0;
  let foreignSeen = 0;
  let crashes = 0;
  let stateLosses = 0;

  const arriveAfter = (ms: number) => clock.after(ms, () => arrivals.push(now()));
  const vendorCount = () => arrivals.filter((time) => time > now() - windowMs).length;

  /** A connection: commands and replies are late, but stay in order. A dead process neither sends nor hears. */
  const connect = (isAlive: () => boolean): PermitStore => {
    let lastSentAt = 0;
    let lastHeardAt = 0;
    const late = (lastAt: number) => Math.max(lastAt, now() + upTo(storeDelayMaxMs));
    return new Proxy<PermitStore>(store, {
      get(target, name: keyof PermitStore) {
        const operation = target[name] as (...args: unknown[]) => Promise<unknown>;
        return async (...args: unknown[]) => {
          if (!isAlive()) return never();
          storeCalls += 1;
          lastSentAt = late(lastSentAt);
          await sleep(lastSentAt - now());
          const reply = await operation(...args);
          lastHeardAt = late(lastHeardAt);
          await sleep(lastHeardAt - now());
          return isAlive() ? reply : never();
        };
      },
    });
  };

  const startProcess = (): void => {
    let alive = true;
    const limiter = createLimiter(
      connect(() => alive),
      {
        limit,
        windowMs,
        leaseMs,
        permitMaxAgeMs: PERMIT_MAX_AGE_MS,
        now,
        random,
        after: clock.after,
        onEvent: (event) => {
          if (event.kind === 'foreign-use') foreignSeen += event.requests;
        },
      },
    );

    const crash = (): void => {
      if (!alive) return;
      alive = false;
      crashes += 1;
      startProcess();
    };

    const send = async (permit: Permit): Promise<void> => {
      if (chance(scenario.freezes)) await sleep(upTo(60_000));
      if (!alive) return;
      if (!permit.isFresh()) return permit.settle({ kind: 'never-sent' });
      if (chance(scenario.crashes)) clock.after(upTo(latencyMaxMs), crash);
      if (chance(scenario.stateLosses)) {
        stateLosses += 1;
        clock.after(upTo(latencyMaxMs), () => store.forget());
      }
      if (chance(scenario.refusals)) return permit.settle({ kind: 'never-sent' });
      if (chance(scenario.timeouts)) {
        arriveAfter(upTo(leaseMs - PERMIT_MAX_AGE_MS));
        await sleep(latencyMaxMs);
        return alive ? permit.settle({ kind: 'unknown' }) : undefined;
      }
      const latencyMs = upTo(latencyMaxMs);
      const arrivalMs = random() * latencyMs;
      arriveAfter(arrivalMs);
      await sleep(arrivalMs);
      const quota = { used: vendorCount(), limit };
      await sleep(latencyMs - arrivalMs);
      if (!alive) return;
      const throttled = chance(scenario.throttles);
      permit.settle({ kind: 'answered', succeeded: !throttled, quota });
      if (throttled) await limiter.pause(permit);
    };

    const work = async (lane: Lane): Promise<void> => {
      const { signal } = new AbortController();
      const team = { id: 'alpha', weight: 1 };
      while (alive && now() < endsAt) {
        await sleep(upTo(scenario.idleMaxMs ?? 0));
        const waitMaxMs = chance(0.5) ? 2_000 : windowMs;
        const asked = limiter.take({ lane, arm: 'baseline', team, signal, waitMaxMs });
        const taken = await asked.catch((): PermitWait => ({ waitMs: 500, because: 'limit' }));
        if ('waitMs' in taken) await sleep(taken.waitMs);
        else await send(taken);
      }
    };
    for (const [lane, workers] of Object.entries(scenario.workers)) {
      for (let n = 0; n < workers; n += 1) void work(lane as Lane);
    }
  };

  const launcher = createLimiter(store, { limit, windowMs, leaseMs, now, after: clock.after });
  await launcher.declareEpoch();
  for (let n = 0; n < scenario.processes; n += 1) startProcess();
  await clock.advance(durationMs + windowMs + leaseMs);
  return { arrivals, storeCalls, foreignSeen, crashes, stateLosses };
};
