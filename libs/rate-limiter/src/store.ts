import type { LanePolicy } from './lanes.ts';
import type { PermitWait, RateLimiterStatus } from './rate-limiter.ts';

/**
 * The state all processes share: who holds which slot, the pause, the limit. Each method is one atomic step on the
 * store's own clock. It keeps no timers and knows no waiters; those are the limiter's.
 */
export interface PermitStore {
  /** Applies the settlements, then grants as many of the asked ids as the lane has room for. */
  grant(terms: Terms, ask: GrantAsk, settlements: SettlementBatch): Promise<Granted>;
  settle(terms: Terms, settlements: SettlementBatch): Promise<Seen>;
  pause(terms: Terms, ask: PauseAsk): Promise<Paused>;
  announce(terms: Terms, announcement: Announcement): Promise<Seen>;
  declareEpoch(terms: Terms): Promise<Seen>;
  /** Reads only: it neither frees a slot nor notices that the state was lost. */
  status(terms: Terms): Promise<RateLimiterStatus>;
}

/** What every operation brings along, so that whoever comes first can set up a store that lost its state. */
export interface Terms {
  readonly windowMs: number;
  readonly leaseMs: number;
  readonly configuredLimit: number;
  readonly flagLimit: number | undefined;
  /** The newest state this process saw. A store that is older than that went back in time: it lost grants. */
  readonly witness: Witness;
}

/** A state's age: `epoch` names the state since its last loss, `seq` counts the slots taken in it. */
export interface Witness {
  readonly epoch: number;
  readonly seq: number;
}

/** What every writing operation answers. */
export interface Seen extends Witness {
  /** Over 0 only in the answer of the operation that found the state lost. */
  readonly lostForMs: number;
  readonly limit: number;
  /** The store's clock, whole ms. */
  readonly storeNow: number;
  /** Slots newly counted as somebody else's. */
  readonly foreignAdded: number;
}

/** Slot ids are drawn by the asker, `<prefix>:<firstId>` and on, so that it can give them back even if the answer was lost. */
export interface GrantAsk {
  readonly prefix: string;
  readonly firstId: number;
  readonly wanted: number;
  readonly lane: LanePolicy;
}

export interface Granted extends Seen {
  /** The first so many of the asked ids. */
  readonly granted: number;
  /** All slots taken, these included. */
  readonly inUse: number;
  /** Why the rest must wait. */
  readonly because: PermitWait['because'];
  /** At the earliest, for the rest in their order; the last one holds for all further. Empty when all were granted. */
  readonly waitsMs: readonly number[];
}

export interface SettlementBatch {
  readonly answered: readonly string[];
  readonly neverSent: readonly string[];
  /** The youngest grant (store clock) whose request succeeded; 0 for none. */
  readonly provenAt: number;
  readonly vendorLimit: number | undefined;
  /** The vendor counted as many requests as would be ours had we taken slots up to this `seq` of this epoch. */
  readonly vendorCount: Witness | undefined;
}

export const noSettlements: SettlementBatch = {
  answered: [],
  neverSent: [],
  provenAt: 0,
  vendorLimit: undefined,
  vendorCount: undefined,
};

export interface PauseAsk {
  /** The throttled request's grant on the store's clock; `undefined` when the permit is none of ours. */
  readonly grantedAt: number | undefined;
  readonly retryAfterMs: number | undefined;
  /** In [0, 1): the jitter. */
  readonly random: number;
}

export interface Paused extends Seen {
  readonly resumesInMs: number;
  /** This call began or lengthened the pause. */
  readonly lengthened: boolean;
}

/** What to write; an absent member stays as it is, `flag: undefined` takes the flag's limit back. */
export interface Announcement {
  readonly configured?: number;
  readonly flag?: number | undefined;
}

/** The first pause without a `Retry-After`; each further incident doubles it, up to the window. */
export const PAUSE_FIRST_MS = 500;
export const RETRY_AFTER_MIN_MS = 1_000;
export const RETRY_AFTER_MAX_MS = 120_000;
