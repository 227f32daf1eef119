import type { Lane } from './lanes.ts';
import type { ThrottleCause, ToldQuota } from './throttle-cause.ts';

/** What became of the one request a permit allowed; it decides when the permit's slot falls free. */
export type Settlement =
  /** The answer has been read: the vendor counted the request no later than now. */
  | {
      readonly kind: 'answered';
      readonly succeeded: boolean;
      /** What the vendor's headers say: requests used in the current window, requests allowed. */
      readonly quota?: { readonly used?: number; readonly limit?: number };
    }
  /** Certainly nothing reached the vendor (connection refused, permit too old): the slot is given back. */
  | { readonly kind: 'never-sent' }
  /** Time-out, abort, reset: the request may still arrive, so the slot stays for lease + window. */
  | { readonly kind: 'unknown' };

/** The right to send one request. Never take another one while holding it: two holders can starve each other. */
export interface Permit {
  readonly lane: Lane;
  readonly arm: string;
  readonly team: string;
  /** How long the asking waited in this process, in ms. */
  readonly waitedMs: number;
  /**
   * False once the permit is older than `permitMaxAgeMs`, counted from the asking, or its process has heard that the vendor throttles:
   * then it must not be used.
   */
  isFresh(): boolean;
  /** Tell once what became of the request. Never throws; a lost settlement frees the slot late, not early. */
  settle(settlement: Settlement): void;
}

/** On whose account a permit is. Teams that want the same slots share them by weight. */
export interface TeamShare {
  /** 1 to 64 characters of A-Z, a-z, 0-9, - and _. */
  readonly id: string;
  /** A whole number from 1 to 100. */
  readonly weight: number;
  /** Slots it may hold at most; absent: no bound of its own. */
  readonly permitsMax?: number;
}

/** A place in the line of a team: the older one goes first, also when it was told to come back meanwhile. */
export interface Turn {
  /** The same at each asking for the same call. */
  readonly id: string;
  /** Epoch ms: since when it has been wanted. */
  readonly since: number;
  /** From the asking on. Who is told to wait longer gives up instead of coming back, so no place is kept; absent: comes back in any case. */
  readonly withinMs?: number;
}

export interface PermitRequest {
  readonly lane: Lane;
  readonly arm: string;
  readonly team: TeamShare;
  /** Who may be told to come back says who they are, so that they keep their place; without it a return is a new asking. */
  readonly turn?: Turn;
  readonly signal: AbortSignal;
  /** If the permit would take longer than this, do not wait: say how long it would take. */
  readonly waitMaxMs: number;
}

/** No permit within `waitMaxMs`: how long it will take at least, and why. */
export interface PermitWait {
  readonly waitMs: number;
  readonly because: 'limit' | 'pause' | 'state-lost' | 'team-quota';
}

export interface RateLimiterStatus {
  /** The limit in force: the least of configured, flag and vendor. */
  readonly limit: number;
  /** Slots taken, foreign ones included. */
  readonly inUse: number;
  /** Slots taken by somebody else who uses the same vendor key. */
  readonly foreign: number;
  readonly pausedForMs: number;
  /** How long nobody is granted because the store lost its state. */
  readonly stateLostForMs: number;
  /** Slots of ours by team. */
  readonly teams: Readonly<Record<string, number>>;
}

export interface PauseReport {
  readonly resumesInMs: number;
  readonly cause: ThrottleCause;
}

/** News for log and metrics. `state-lost` is told by the one process that found it, the others by every process. */
export type RateLimiterEvent =
  /** One for each throttled request, with what the ledger and the vendor's headers said. */
  | ({ readonly kind: 'throttled'; readonly team: string; readonly lane: Lane } & PauseReport & {
        readonly own: number;
        readonly foreign: number;
        readonly limit: number;
        readonly toldUsed?: number;
        readonly toldLimit?: number;
      })
  | { readonly kind: 'paused'; readonly resumesInMs: number }
  | { readonly kind: 'state-lost'; readonly blockedForMs: number }
  | { readonly kind: 'foreign-use'; readonly requests: number }
  | { readonly kind: 'limit-changed'; readonly from: number; readonly to: number };

/** Never more than the limit in any window as the vendor counts it, over all processes that share the store. */
export interface RateLimiter {
  /** Announces this process' configured limit; the last announcement counts for everybody. */
  start(): Promise<void>;
  /**
   * A permit, or how long one would take if that is more than `waitMaxMs`. Rejects with the signal's reason when
   * aborted, with a `RateLimiterUnavailable` when the store is away, with a `RangeError` for a lane that is none.
   */
  take(request: PermitRequest): Promise<Permit | PermitWait>;
  /**
   * The vendor throttled the request of this permit: everyone stops. `told`: the quota headers of that answer. Resolves to when requests
   * may go again, and to why it happened.
   */
  pause(permit: Permit, retryAfterMs?: number, told?: ToldQuota): Promise<PauseReport>;
  /** The limit an operator sets by flag, for everybody; `undefined` takes it back. Tell it at start and at each change. */
  setFlagLimit(limit: number | undefined): Promise<void>;
  status(): Promise<RateLimiterStatus>;
  /**
   * Vouches that nothing was sent with this key during the last window + lease, so that a store without (or with
   * lost) state need not block. For the launcher of a brand new store, and for tests.
   */
  declareEpoch(): Promise<void>;
  /** Refuses the waiting, tells the store what was settled (at most 1 s), and takes no more. */
  close(): Promise<void>;
}

/** Thrown by `take` when no permit can be had because the store does not answer: then nothing may be sent. */
export class RateLimiterUnavailable extends Error {
  override readonly name = 'RateLimiterUnavailable';
}
