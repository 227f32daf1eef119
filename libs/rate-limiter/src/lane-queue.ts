import type { Permit, PermitRequest, PermitWait } from './rate-limiter.ts';
import type { TeamDemand, TeamGrant } from './store.ts';
import { TeamLine, type Waiter } from './team-line.ts';
import type { After } from './timing.ts';

export interface LaneQueueParts {
  /** Asks the store for slots; no demand at all takes back what was asked before. Rejects when the store is away. */
  readonly ask: (demands: readonly TeamDemand[]) => Promise<SlotOffer>;
  readonly now: () => number;
  /** Epoch ms. */
  readonly date: () => number;
  readonly after: After;
}

/** The store's answer, with the slots it granted ready to be turned into permits or given back. */
export interface SlotOffer {
  /** One for each demand. */
  readonly teams: readonly TeamGrant[];
  /** The mean time between two slots at the limit in force. */
  readonly slotMs: number;
  /** The slot of that number among those granted to that demand. */
  permit(demand: number, slot: number, request: PermitRequest, waitedMs: number): Permit;
  giveBack(demand: number, fromSlot: number): void;
}

/** Those of one process who wait in one lane, by team, and the one loop that asks for all of them. */
export interface LaneQueue {
  take(request: PermitRequest): Promise<Permit | PermitWait>;
  /** Somebody waits, and the loop sleeps until a slot falls free. */
  isSleeping(): boolean;
  /** What the store said last no longer holds: ask again now. */
  wake(): void;
  /** Resolves when a question still on its way has been answered, its slots given back. */
  close(refusal: Error): Promise<void>;
}

export const createLaneQueue = ({ ask, now, date, after }: LaneQueueParts): LaneQueue => {
  const lines = new Map<string, TeamLine>();
  let running = false;
  let loop = Promise.resolve();
  let sleep: { wakeAt: number; wake: () => void; cancel: () => void } | undefined;
  /** What an answer on its way will say is out of date already. */
  let askAgain = false;
  /** The store counts on us to come back. */
  let isExpected = false;

  const lineOf = ({ team }: PermitRequest): TeamLine => {
    const line = lines.get(team.id) ?? new TeamLine(team, now);
    line.team = team;
    lines.set(team.id, line);
    return line;
  };

  const waiting = (): TeamLine[] => [...lines.values()].filter(({ waiters }) => waiters.length > 0);

  const failAll = (reason: unknown): void => {
    for (const line of lines.values()) {
      line.forget();
      for (const waiter of line.waiters.splice(0)) waiter.reject(reason);
    }
  };

  const handOut = (asked: readonly TeamLine[], offer: SlotOffer): void => {
    isExpected = false;
    for (const [demand, line] of asked.entries()) {
      const grant = offer.teams[demand];
      if (!grant) continue;
      if (grant.waiting > 0) isExpected = true;
      const served = line.serve(grant, { isOutdated: askAgain, slotMs: offer.slotMs });
      for (const [slot, waiter] of served.entries()) {
        waiter.resolve(offer.permit(demand, slot, waiter.request, now() - waiter.askedAt));
      }
      if (served.length < grant.granted) offer.giveBack(demand, served.length);
      for (const [waiter, wait] of line.refuseThoseInAHurry()) waiter.resolve(wait);
    }
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

  const wakeBy = (wakeAt: number): void => {
    if (!sleep || sleep.wakeAt <= wakeAt) return;
    sleep.cancel();
    const { wake } = sleep;
    sleep = { wakeAt, wake, cancel: after(Math.max(0, wakeAt - now()), wake) };
  };

  const run = async (): Promise<void> => {
    while (waiting().length > 0) {
      const asked = [...lines.values()].filter((line) => !line.isEmpty);
      askAgain = false;
      try {
        handOut(asked, await ask(asked.map((line) => line.demand())));
      } catch (reason) {
        failAll(reason);
        break;
      }
      const left = waiting();
      if (left.length > 0 && left.every((line) => line.knowsWaits)) {
        await sleepUntil(now() + Math.min(...left.map((line) => line.firstWaitMs())));
      }
    }
    for (const [team, line] of lines) if (line.isEmpty) lines.delete(team);
    if (isExpected && lines.size === 0) {
      isExpected = false;
      ask([]).catch(() => undefined);
    }
    running = false;
  };

  /** Not at once: those who ask in the same breath share one grant. */
  const start = (): void => {
    if (running) return;
    running = true;
    loop = Promise.resolve().then(run);
  };

  return {
    take: (request) =>
      new Promise((resolve, reject) => {
        const { signal, waitMaxMs, turn } = request;
        if (signal.aborted) return reject(signal.reason as Error);
        const line = lineOf(request);
        line.arrived(request);
        if (!sleep) line.forgetOldOutlook();
        const since = turn?.since ?? date();
        const refusal = line.refusal(request, since);
        if (refusal) return resolve(refusal);

        const onAbort = (): void => {
          line.leave(waiter);
          // A loop that sleeps sleeps for somebody.
          if (waiting().length === 0) sleep?.wake();
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
          since,
          askedAt: now(),
          giveUpAt: now() + waitMaxMs,
          resolve: done(resolve),
          reject: done(reject),
        };
        signal.addEventListener('abort', onAbort, { once: true });
        line.join(waiter);
        wakeBy(now() + line.firstWaitMs());
        start();
      }),
    isSleeping: () => sleep !== undefined,
    wake() {
      for (const line of lines.values()) line.forget();
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
