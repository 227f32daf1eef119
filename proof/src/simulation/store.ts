import { createMemoryPermitStore, type PermitStore } from '@glasshouse/rate-limiter';

/** What keeps the permits in a run, with what can befall it. */
export interface SimulatedStore {
  readonly operations: PermitStore;
  forget(): void | Promise<void>;
  /** Remembers the state of now; what is returned puts it back. */
  remember(): (() => void | Promise<void>) | Promise<() => Promise<void>>;
  setClockBack(ms: number): void;
  close(): Promise<void>;
}

export type OpenStore = (now: () => number) => Promise<SimulatedStore>;

export const openMemoryStore: OpenStore = async (now) => {
  let behindMs = 0;
  const store = createMemoryPermitStore(() => now() - behindMs);
  return {
    operations: store,
    forget: () => store.forget(),
    remember: () => store.remember(),
    setClockBack: (ms) => void (behindMs += ms),
    close: async () => undefined,
  };
};
