import {
  catalogue,
  createPipeline,
  isFailure,
  Postponed,
  type Call,
  type Sleep,
  type Wire,
} from '@glasshouse/coinglass-client';
import { createLimiter, type PermitStore, type RateLimiterEvent } from '@glasshouse/rate-limiter';
import type { Chance } from './chance.ts';
import type { Machine } from './machine.ts';
import type { Callers, Scenario } from './scenario.ts';

const endpoint = catalogue['futures/funding-rate/oi-weight-history'];
const params = { interval: '1h', limit: '10', symbol: 'BTC' };
const AGAIN_AFTER_MS = 1_000;
const FLAG_AGAIN_AFTER_MS = 5_000;

/** What became of a call, told to who looks on. */
export interface Told {
  readonly callers: Callers;
  readonly answered: boolean;
  /** From the asking to the answer, ms. */
  readonly tookMs: number;
}

export interface FetcherParts {
  readonly scenario: Scenario;
  readonly machine: Machine;
  readonly chance: Chance;
  readonly store: PermitStore;
  readonly wire: Wire;
  readonly flag: () => number | undefined;
  readonly onEvent: (event: RateLimiterEvent) => void;
  readonly onCall: (told: Told) => void;
  readonly onUnexpected: (thrown: unknown) => void;
}

/** The sleep of the pipeline, on the process's own timers. */
const sleepOn =
  (machine: Machine): Sleep =>
  (delayMs, signal) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const stop = (): void => {
        cancel();
        reject(signal.reason as Error);
      };
      const cancel = machine.after(delayMs, () => {
        signal.removeEventListener('abort', stop);
        resolve();
      });
      signal.addEventListener('abort', stop, { once: true });
    });

/** A fetcher as far as the limit is concerned: the real pipeline over the real limiter, and callers who never tire. */
export const startFetcher = (parts: FetcherParts): void => {
  const { scenario, machine, chance, store, wire, flag, onEvent, onCall, onUnexpected } = parts;
  const { limit, windowMs, leaseMs } = scenario;
  const { after, now } = machine;
  const pause = (ms: number) => new Promise<void>((resolve) => void after(ms, resolve));
  const permits = createLimiter(store, {
    limit,
    windowMs,
    leaseMs,
    now,
    after,
    random: chance.next,
    processName: `${chance.pick('abcdefgh'.split(''))}${machine.id}`,
    onEvent,
  });
  const pipeline = createPipeline({
    wire,
    permits,
    mask: (text) => text,
    onAttempt: () => undefined,
    now,
    random: chance.next,
    sleep: sleepOn(machine),
  });

  let calls = 0;

  /** One call to its end, put off as the queue would do it. */
  const finish = async (callers: Callers): Promise<void> => {
    calls += 1;
    const askedAt = now();
    const tell = (answered: boolean) => onCall({ callers, answered, tookMs: now() - askedAt });
    const call: Call = {
      endpoint,
      params: { ...params, call: String(calls) },
      lane: callers.lane,
      arm: 'baseline',
      team: callers.team,
      turn: { id: `${machine.id}-${calls}`, since: now() },
      deadlineAt: now() + callers.patienceMs,
      signal: new AbortController().signal,
    };
    for (;;) {
      try {
        await pipeline(call);
        return tell(true);
      } catch (thrown) {
        if (thrown instanceof Postponed) await pause(thrown.comesBackInMs);
        else if (!isFailure(thrown)) return onUnexpected(thrown);
        else {
          tell(false);
          return pause(Math.min(thrown.retryAfterMs ?? AGAIN_AFTER_MS, callers.patienceMs));
        }
      }
    }
  };

  const callOnAndOn = async (callers: Callers): Promise<void> => {
    while (machine.isAlive()) {
      if (callers.idleMaxMs > 0) {
        await pause(chance.between([callers.idleMinMs, callers.idleMaxMs]));
      }
      await finish(callers);
    }
  };

  const announce = async (): Promise<void> => {
    await permits.start().catch(() => after(AGAIN_AFTER_MS, () => void announce()));
  };

  /** As the fetcher follows a flag: it looks now and again, and tells what has changed until it could be told. */
  const followFlag = async (): Promise<void> => {
    let told: number | undefined;
    while (machine.isAlive()) {
      const wanted = flag();
      if (wanted !== told) {
        await permits.setFlagLimit(wanted).then(
          () => (told = wanted),
          () => undefined,
        );
      }
      await pause(FLAG_AGAIN_AFTER_MS);
    }
  };

  void announce();
  if (scenario.faults.flagChanges > 0) void followFlag();
  for (const callers of scenario.callers) {
    for (let n = 0; n < callers.count; n += 1) void callOnAndOn(callers);
  }
};
