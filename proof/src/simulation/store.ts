import { createMemoryPermitStore, type PermitStore } from '@glasshouse/rate-limiter';

/** What keeps the permits in a run, with what can befall it. */
export interface SimulatedStore {
  readonly operations: PermitStore;
  forget(): void | Promise<void>;
  /** Remembers the state of now; what is returned puts it back. */
  remember(): (() => void | Promise<void>) | Promise<() => Promise<void>>;
  /** Takes up to so many slots out of the account, of those that fall free in the middle. */
  mislay(count: number): Mislaid | Promise<Mislaid>;
  setClockBack(ms: number): void;
  close(): Promise<void>;
}

export interface Mislaid {
  readonly slots: number;
  readonly putBack: () => void | Promise<void>;
}

export type OpenStore = (now: () => number) => Promise<SimulatedStore>;

export const openMemoryStore: OpenStore = async (now) => {
  let behindMs = 0;
  const store = createMemoryPermitStore(() => now() - behindMs);
  return {
    operations: store,
    forget: () => store.forget(),
    remember: () => store.remember(),
    mislay: (count) => store.mislay(count),
    setClockBack: (ms) => void (behindMs += ms),
    close: async () => undefined,
  };
};
