import { isPaced, type Lane } from './lanes.ts';
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

/**
 * What one process wants in one lane: one demand per team, each team once. No demand at all withdraws what was asked before.
 * Slot ids are drawn by the asker, so that it can give them back even if the answer was lost: see `slotIdOf`.
 */
export interface GrantAsk {
  /** Names the process. */
  readonly prefix: string;
  readonly firstId: number;
  readonly lane: Lane;
  readonly demands: readonly TeamDemand[];
}

export interface TeamDemand {
  readonly team: string;
  readonly weight: number;
  /** Slots the team may hold at most; `undefined`: no bound of its own. */
  readonly permitsMax: number | undefined;
  /** Requests that would be sent now. */
  readonly wanted: number;
  /** Requests that were told to come back; they are ahead of newcomers, and no slot is granted to them now. */
  readonly later: number;
}

/**
 * Whose slot it is, as far as shares go. What a team holds in paced lanes uses up its quota, but not its share of the other lanes:
 * its backfill must not slow its readers.
 */
export const accountOf = (team: string, lane: Lane): string => (isPaced(lane) ? `${team}~` : team);

/** The n-th id that a grant may take for a team; n runs on from `firstId` over all demands of the ask, `wanted` each. */
export const slotIdOf = (account: string, prefix: string, n: number): string =>
  `${account}/${prefix}:${n}`;

export interface Granted extends Seen {
  /** All slots taken, the granted ones included. */
  readonly inUse: number;
  /** One for each demand, in their order. */
  readonly teams: readonly TeamGrant[];
}

export interface TeamGrant {
  /** The first so many of the demand's ids. */
  readonly granted: number;
  /** Why the rest must wait. */
  readonly because: PermitWait['because'];
  /** How many are left in line, those who were told to come back included; without those whom the team's own quota holds back. */
  readonly waiting: number;
  /** How long they wait, at `waitPlaces(waiting)`; one number for all of them when the quota holds them back; else empty. */
  readonly waitsMs: readonly number[];
}

/**
 * The places in a team's line whose waits are told, from the one who is served next (0) to the newcomer behind all `waiting`:
 * close together in front, wide apart behind, since each costs the store a look.
 */
export const waitPlaces = (waiting: number): number[] => {
  const places: number[] = [];
  for (let place = 0; place < waiting; place = place < 3 ? place + 1 : 2 * place + 1) {
    places.push(place);
  }
  return [...places, waiting];
};

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
  /** All slots taken, and those of them that are somebody else's. */
  readonly inUse: number;
  readonly foreign: number;
  /** What the vendor has said that it allows, or what is configured if it has said nothing. */
  readonly vendorAllows: number;
  /** Slots of ours taken since configuration, flag or vendor last lowered the limit. */
  readonly takenSinceLowered: number;
}

/**
 * How long a request of somebody else who uses our key counts as taken, beside a pause, which hides them from us. Where the vendor allows
 * more than we take, the difference is the margin for what they send next. Else what they sent in the window before stands for it: a
 * second window long.
 */
export const foreignHoldMs = (windowMs: number, hasMargin: boolean): number =>
  hasMargin ? windowMs : 2 * windowMs;

/**
 * How often in a window the slots of somebody who goes on are held anew. Each of them costs the store a command, and with each count that
 * would be hundreds; so they are held a tenth of a window less than they might be.
 */
export const FOREIGN_RENEWALS_PER_WINDOW = 10;

/** What to write; an absent member stays as it is, `flag: undefined` takes the flag's limit back. */
export interface Announcement {
  readonly configured?: number;
  readonly flag?: number | undefined;
}

/** The first pause without a `Retry-After`; each further incident doubles it, up to the window. */
export const PAUSE_FIRST_MS = 500;
export const RETRY_AFTER_MIN_MS = 1_000;
export const RETRY_AFTER_MAX_MS = 120_000;
