import type { After } from '../timing.ts';

/** Time that passes only when a test says so: timers fire in their order, each after all it set off has settled. */
export interface SimulatedClock {
  readonly now: () => number;
  readonly after: After;
  /** `settled` resolves when everything set off by the last timer has come to rest. */
  advance(ms: number): Promise<void>;
}

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

export const createSimulatedClock = (
  settled: () => Promise<void>,
  onTick: (now: number) => Promise<void> = async () => undefined,
  startMs = 1_750_000_000_000,
): SimulatedClock => {
  const timers = new Set<Timer>();
  let now = startMs;

  const nextUntil = (end: number): Timer | undefined => {
    let next: Timer | undefined;
    for (const timer of timers) if (timer.at <= end && !(next && next.at <= timer.at)) next = timer;
    return next;
  };

  const moveTo = async (time: number): Promise<void> => {
    if (time <= now) return;
    now = time;
    await onTick(now);
  };

  return {
    now: () => now,
    after(delayMs, run) {
      const timer = { at: now + Math.max(0, delayMs), run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    async advance(ms) {
      const end = now + ms;
      await settled();
      for (let timer = nextUntil(end); timer; timer = nextUntil(end)) {
        await moveTo(timer.at);
        timers.delete(timer);
        timer.run();
        await settled();
      }
      await moveTo(end);
    },
  };
};

/** Everything that was waiting in microtasks has run. */
export const microtasksRun = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
