import { noFaults, type Callers, type Scenario } from './scenario.ts';

export const MINUTE = 60_000;

export const callers = (more: Partial<Callers> = {}): Callers => ({
  lane: 'interactive',
  team: { id: 'alpha', weight: 1 },
  count: 20,
  idleMinMs: 0,
  idleMaxMs: 0,
  patienceMs: MINUTE,
  ...more,
});

/** The ordinary house: two fetchers, one key, 250 a minute, a vendor and a store in good health. */
export const house: Omit<Scenario, 'name' | 'seed'> = {
  limit: 250,
  windowMs: MINUTE,
  leaseMs: 30_000,
  processes: 2,
  callers: [callers({ count: 30 }), callers({ count: 10, team: { id: 'beta', weight: 2 } })],
  latencyMs: [100, 500],
  reusedConnections: 0.9,
  connectMaxMs: 200,
  storeDelayMaxMs: 3,
  skewMaxMs: 60 * MINUTE,
  driftMax: 0.001,
  vendor: { limit: 250, counts: 'sliding', quotaHeaders: true },
  foreignPerMinute: 0,
  faults: noFaults,
  storm: { forMs: MINUTE },
  recoveryMs: 0,
  watchedMs: 4 * MINUTE,
  expects: {},
};

export type Draw = (seed: number) => Scenario;
export const fixed =
  (name: string, more: Partial<Scenario>): Draw =>
  (seed) => ({ ...house, ...more, name, seed });
