import type { Permit, PermitRequest, PermitWait } from './rate-limiter.ts';
import type { Granted } from './store.ts';
import type { After } from './timing.ts';

/** As many permits as one grant asks for at most; it bounds the time one script holds the store. */
const BATCH_MAX = 64;
/** How long an answer "nothing free before …" is repeated to newcomers without asking again. */
const OUTLOOK_TRUSTED_MS = 1_000;
const MISSES_MAX = 8;
/** A miss tells that somebody else came first; it takes this many hits to believe that he is gone. */
const HITS_PER_MISS = 4;

export interface LaneQueueParts {
  /** Asks the store for so many slots; rejects when it is away. */
  readonly ask: (wanted: number) => Promise<SlotOffer>;
  readonly now: () => number;
  readonly after: After;
  readonly windowMs: number;
}

/** The store's answer, with the slots it granted ready to be turned into permits or given back. */
export interface SlotOffer extends Pick<Granted, 'granted' | 'because' | 'waitsMs' | 'limit'> {
  permit(index: number, request: PermitRequest, waitedMs: number): Permit;
  giveBack(fromIndex: number): void;
}

/** Those of one process who wait in one lane, first come first served, and the one loop that asks for all of them. */
export interface LaneQueue {
  take(request: PermitRequest): Promise<Permit | PermitWait>;
  /** Somebody waits, and the loop sleeps until a slot falls free. */
  isSleeping(): boolean;
  /** What the store said last no longer holds: ask again now. */
  wake(): void;
  /** Resolves when a question still on its way has been answered, its slots given back. */
  close(refusal: Error): Promise<void>;
}

interface Waiter {
  readonly request: PermitRequest;
  readonly askedAt: number;
  readonly giveUpAt: number;
  readonly resolve: (taken: Permit | PermitWait) => void;
  readonly reject: (reason: unknown) => void;
}

interface Outlook {
  readonly toldAt: number;
  readonly waitsMs: readonly number[];
  readonly because: PermitWait['because'];
}

export const createLaneQueue = ({ ask, now, after, windowMs }: LaneQueueParts): LaneQueue => {
  const waiters: Waiter[] = [];
  let running = false;
  let loop = Promise.resolve();
  let outlook: Outlook | undefined;
  let sleep: { wakeAt: number; wake: () => void; cancel: () => void } | undefined;
  let misses = 0;
  /** What an answer on its way will say is out of date already. */
  let askAgain = false;

  /** At the earliest, for the waiter at this place in the queue; 0 when nothing is known. */
  const waitMsAt = (place: number): number => {
    if (!outlook) return 0;
    const waitMs = outlook.waitsMs[place] ?? outlook.waitsMs.at(-1) ?? 0;
    return Math.max(0, Math.ceil(outlook.toldAt + waitMs - now()));
  };

  const forgetOldOutlook = (): void => {
    if (!sleep && outlook && now() - outlook.toldAt > OUTLOOK_TRUSTED_MS) outlook = undefined;
  };

  const refuseThoseInAHurry = (): void => {
    if (!outlook) return;
    for (const [place, waiter] of [...waiters].entries()) {
      const waitMs = waitMsAt(place);
      if (now() + waitMs <= waiter.giveUpAt) continue;
      waiters.splice(waiters.indexOf(waiter), 1);
      waiter.resolve({ waitMs, because: outlook.because });
    }
  };

  const failAll = (reason: unknown): void => {
    outlook = undefined;
    for (const waiter of waiters.splice(0)) waiter.reject(reason);
  };

  const handOut = (offer: SlotOffer): void => {
    const served = waiters.splice(0, offer.granted);
    for (const [index, waiter] of served.entries()) {
      waiter.resolve(offer.permit(index, waiter.request, now() - waiter.askedAt));
    }
    if (served.length < offer.granted) offer.giveBack(served.length);
  };

  const sleepUntil = (wakeAt: number): Promise<void> =>
    new Promise((resolve) => {
      const wake = (): void => {
        sleep?.cancel();
        sleep = undefined;
        resolve();
      };
      sleep = { wakeAt, wake, cancel: after(Math.max(0, wakeAt - now()), wake) };
    });

  /**
   * When to ask again: at the first slot's time. Whoever finds it taken by another process comes later by one mean
   * distance of slots per miss, so that a crowd of processes takes turns instead of racing for each slot.
   */
  const nextAskAt = (limit: number): number => {
    const firstFreeAt = now() + waitMsAt(0);
    const inTurnAt = now() + misses * (windowMs / limit);
    const patienceEndsAt = Math.min(...waiters.map((waiter) => waiter.giveUpAt));
    return Math.max(firstFreeAt, Math.min(inTurnAt, patienceEndsAt));
  };

  const run = async (): Promise<void> => {
    let slept = false;
    while (waiters.length > 0) {
      const wanted = Math.min(waiters.length, BATCH_MAX);
      askAgain = false;
      let offer: SlotOffer;
      try {
        offer = await ask(wanted);
      } catch (reason) {
        failAll(reason);
        break;
      }
      handOut(offer);
      const { granted, because, waitsMs, limit } = offer;
      if (granted > 0) misses = Math.max(0, misses - 1 / HITS_PER_MISS);
      else if (slept && because === 'limit') misses = Math.min(MISSES_MAX, misses + 1);
      outlook = granted < wanted && !askAgain ? { toldAt: now(), waitsMs, because } : undefined;
      refuseThoseInAHurry();
      slept = outlook !== undefined && waiters.length > 0;
      if (slept) await sleepUntil(nextAskAt(limit));
    }
    running = false;
  };

  /** Not at once: those who ask in the same breath share one grant. */
  const start = (): void => {
    if (running) return;
    running = true;
    loop = Promise.resolve().then(run);
  };

  const enqueue = (waiter: Waiter): void => {
    waiters.push(waiter);
    if (sleep && waiter.giveUpAt < sleep.wakeAt) {
      sleep.cancel();
      const { wake } = sleep;
      sleep = { wakeAt: waiter.giveUpAt, wake, cancel: after(waiter.giveUpAt - now(), wake) };
    }
    start();
  };

  return {
    take: (request) =>
      new Promise((resolve, reject) => {
        const { signal, waitMaxMs } = request;
        if (signal.aborted) return reject(signal.reason as Error);
        forgetOldOutlook();
        const waitMs = waitMsAt(waiters.length);
        if (outlook && waitMs > waitMaxMs) return resolve({ waitMs, because: outlook.because });

        const onAbort = (): void => {
          waiters.splice(waiters.indexOf(waiter), 1);
          // A loop that sleeps sleeps for somebody.
          if (waiters.length === 0) sleep?.wake();
          reject(signal.reason as Error);
        };
        const done = <T>(end: (value: T) => void) => {
          return (value: T): void => {
            signal.removeEventListener('abort', onAbort);
            end(value);
          };
        };
        const waiter: Waiter = {
          request,
          askedAt: now(),
          giveUpAt: now() + waitMaxMs,
          resolve: done(resolve),
          reject: done(reject),
        };
        signal.addEventListener('abort', onAbort, { once: true });
        enqueue(waiter);
      }),
    isSleeping: () => sleep !== undefined,
    wake() {
      outlook = undefined;
      askAgain = true;
      sleep?.wake();
    },
    close(refusal) {
      failAll(refusal);
      sleep?.wake();
      return loop;
    },
  };
};
