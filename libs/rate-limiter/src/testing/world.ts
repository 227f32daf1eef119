import { createLimiter, type LimiterOptions } from '../limiter.ts';
import { createMemoryPermitStore } from '../memory/permit-store.ts';
import type { RateLimiter, RateLimiterEvent } from '../rate-limiter.ts';
import type { PermitStore } from '../store.ts';
import { createSimulatedClock, microtasksRun, type SimulatedClock } from './simulated-clock.ts';

/** A store, a clock and as many processes as a test likes. */
export interface World {
  readonly clock: SimulatedClock;
  /** A process. By default 60 s window, 30 s lease, no jitter. */
  process(options: Partial<LimiterOptions> & { limit: number }): Process;
  advance(ms: number): Promise<void>;
  /** The store's clock differs by this much from now on; the processes' own clocks do not. */
  setStoreClockBy(ms: number): Promise<void>;
  loseState(): Promise<void>;
  rememberState(): Promise<() => Promise<void>>;
  /** The process of this limiter stands still: it asks and tells nothing any more. */
  kill(limiter: RateLimiter): void;
  /** How many operations the processes have sent to the store. */
  storeCalls(): number;
}

export interface Process {
  readonly limiter: RateLimiter;
  readonly events: RateLimiterEvent[];
}

export type MakeWorld = () => Promise<World>;

/** What differs between the stores. */
export interface WorldParts {
  readonly clock: SimulatedClock;
  readonly store: PermitStore;
  readonly setStoreClockBy: (ms: number) => Promise<void>;
  readonly loseState: () => Promise<void>;
  readonly rememberState: () => Promise<() => Promise<void>>;
}

const counted = (store: PermitStore, onCall: () => void): PermitStore =>
  new Proxy(store, {
    get(target, name: keyof PermitStore) {
      const operation = target[name] as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        onCall();
        return operation(...args);
      };
    },
  });

export const createWorld = ({ clock, store, ...faults }: WorldParts): World => {
  let calls = 0;
  const countedStore = counted(store, () => (calls += 1));
  const dead = new Set<RateLimiter>();
  return {
    ...faults,
    clock,
    process(options) {
      const events: RateLimiterEvent[] = [];
      const limiter: RateLimiter = createLimiter(countedStore, {
        now: clock.now,
        after: (delayMs, run) => clock.after(delayMs, () => dead.has(limiter) || run()),
        random: () => 0,
        // A settlement has arrived when a test goes on.
        settlementRideMs: 0,
        onEvent: (event) => events.push(event),
        ...options,
      });
      return { limiter, events };
    },
    advance: (ms) => clock.advance(ms),
    kill: (limiter) => void dead.add(limiter),
    storeCalls: () => calls,
  };
};

export const makeMemoryWorld: MakeWorld = async () => {
  let skewMs = 0;
  const clock = createSimulatedClock(microtasksRun);
  const store = createMemoryPermitStore(() => clock.now() + skewMs);
  return createWorld({
    clock,
    store,
    setStoreClockBy: async (ms) => void (skewMs = ms),
    loseState: async () => store.forget(),
    rememberState: async () => {
      const putBack = store.remember();
      return async () => putBack();
    },
  });
};
