import type { Settlements } from './settlements.ts';
import type { SettlementBatch } from './store.ts';
import type { After } from './timing.ts';

const AGAIN_AFTER_MS = 1_000;

export interface SettlementPostParts {
  readonly settlements: Settlements;
  readonly deliver: (batch: SettlementBatch) => Promise<void>;
  /** Does anybody sleep until a slot falls free? His next grant carries the settlements along. */
  readonly someoneWaits: () => boolean;
  readonly wakeAll: () => void;
  /** How long what only frees a slot a window later may wait for a grant to travel with. */
  readonly rideMs: number;
  readonly after: After;
}

/**
 * When settlements go to the store. What gives a slot back at once goes in the next turn of the event loop; the rest waits a moment for a
 * grant, which carries it along: in a busy process that halves what the store has to do. Again and again while the store is away.
 */
export interface SettlementPost {
  schedule(): void;
  /** A grant has taken along what was pending: what is left, and what comes, has all its time to wait for the next one. */
  carried(): void;
  /** No more by itself. Resolves when all is delivered, or the store has refused it. */
  close(): Promise<void>;
}

export const createSettlementPost = (parts: SettlementPostParts): SettlementPost => {
  const { settlements, deliver, someoneWaits, wakeAll, rideMs, after } = parts;
  let scheduled: { readonly delayMs: number; readonly cancel: () => void } | undefined;
  let closed = false;
  let sending: Promise<void> | undefined;

  const sendAll = async (): Promise<void> => {
    while (!settlements.isEmpty()) {
      const batch = settlements.drain();
      try {
        await deliver(batch);
      } catch {
        // Late, never early: the slots stay taken until the store is told, or their lease has passed.
        settlements.restore(batch);
        scheduleIn(AGAIN_AFTER_MS);
        return;
      }
    }
  };

  const send = (): Promise<void> => {
    sending ??= sendAll().finally(() => (sending = undefined));
    return sending;
  };

  const scheduleIn = (delayMs: number): void => {
    if (closed || (scheduled && scheduled.delayMs <= delayMs)) return;
    scheduled?.cancel();
    const cancel = after(delayMs, () => {
      scheduled = undefined;
      const givenBack = settlements.freesSlots();
      const travels = givenBack && someoneWaits();
      if (givenBack) wakeAll();
      if (!travels) void send();
    });
    scheduled = { delayMs, cancel };
  };

  const schedule = (): void => {
    if (!settlements.isEmpty()) scheduleIn(settlements.freesSlots() ? 0 : rideMs);
  };

  return {
    schedule,
    carried() {
      scheduled?.cancel();
      scheduled = undefined;
      schedule();
    },
    async close() {
      closed = true;
      scheduled?.cancel();
      await sending;
      await send();
    },
  };
};
