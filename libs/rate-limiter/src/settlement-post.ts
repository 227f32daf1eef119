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
  readonly after: After;
}

/** When settlements go to the store: together in the next turn of the event loop, again and again while it is away. */
export interface SettlementPost {
  schedule(): void;
  /** No more by itself. Resolves when all is delivered, or the store has refused it. */
  close(): Promise<void>;
}

export const createSettlementPost = (parts: SettlementPostParts): SettlementPost => {
  const { settlements, deliver, someoneWaits, wakeAll, after } = parts;
  let scheduled = false;
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
    if (scheduled || closed) return;
    scheduled = true;
    after(delayMs, () => {
      scheduled = false;
      const givenBack = settlements.freesSlots();
      const carried = givenBack && someoneWaits();
      if (givenBack) wakeAll();
      if (!carried) void send();
    });
  };

  return {
    schedule: () => scheduleIn(0),
    async close() {
      closed = true;
      await sending;
      await send();
    },
  };
};
