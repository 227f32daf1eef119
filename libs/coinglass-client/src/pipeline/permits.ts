/** What became of the one request a permit allowed; it decides when the permit's slot falls free. */
export type Settlement =
  /** The answer has been read: the vendor counted the request no later than now. */
  | {
      readonly kind: 'answered';
      readonly succeeded: boolean;
      readonly quota?: { readonly used?: number; readonly limit?: number };
    }
  /** Certainly nothing reached the vendor (connection refused, permit too old): the slot is given back. */
  | { readonly kind: 'never-sent' }
  /** Time-out, abort, reset: the request may still arrive, so the slot stays for lease + window. */
  | { readonly kind: 'unknown' };

/** The right to send one request. */
export interface Permit {
  /** How long the asking waited in this process, in ms. */
  readonly waitedMs: number;
  /** False once the permit is older than 2 s on the monotonic clock, counted from the asking, or a pause has become known since. */
  isFresh(): boolean;
  /** Tell once what became of the request. Never throws; a lost settlement frees the slot late, not early. */
  settle(settlement: Settlement): void;
}

/** On whose account a permit is, and what the limiter must know of them to share fairly. */
export interface TeamShare {
  readonly id: string;
  /** A whole number from 1 to 100. */
  readonly weight: number;
  /** Permits in any window, at most; absent: no bound of its own. */
  readonly permitsMax?: number;
}

/** Whose turn it is: a call that was told to come back keeps its place before younger ones. */
export interface Turn {
  /** The same at each asking for the same call. */
  readonly id: string;
  /** Epoch ms: since when it has been wanted. */
  readonly since: number;
  /** From the asking on, ms: who is told to wait longer gives up instead of coming back. */
  readonly withinMs?: number;
}

export interface PermitRequest {
  readonly lane: string;
  readonly arm: string;
  readonly team: TeamShare;
  readonly turn?: Turn;
  readonly signal: AbortSignal;
  /** If the permit would take longer than this, do not wait: say how long it would take. */
  readonly waitMaxMs: number;
}

/** Is told of permits as they come and go, to be held against what the wire sends. */
export interface PermitBook {
  /** At `at` (epoch ms). */
  granted(arm: string, at: number): void;
  /** The permit granted at `at` went back: certainly nothing was sent for it. */
  returned(arm: string, at: number): void;
}

/** No permit within `waitMaxMs`: how long it will take, and why. */
export interface PermitWait {
  readonly waitMs: number;
  readonly because: 'limit' | 'pause' | 'state-lost' | 'team-quota';
}

/** The limiter as the pipeline sees it. Rejects with a `Failure('store-unavailable')`-like error if its store is away. */
export interface PermitSource {
  take(request: PermitRequest): Promise<Permit | PermitWait>;
  /**
   * The vendor throttled the request of this permit: everyone stops. `told`: the quota headers of that answer. Resolves to when requests
   * may go again, and to what the limiter takes for the cause.
   */
  pause(
    permit: Permit,
    retryAfterMs?: number,
    told?: { readonly used?: number; readonly limit?: number },
  ): Promise<{ readonly resumesInMs: number; readonly cause?: string }>;
}

export const isPermitWait = (taken: Permit | PermitWait): taken is PermitWait => 'waitMs' in taken;

/** Thrown through the pipeline when a permit would take too long to wait for in place: come back later, nothing was spent. */
export class Postponed extends Error {
  override readonly name = 'Postponed';
  constructor(
    readonly waitMs: number,
    readonly because: PermitWait['because'],
  ) {
    super(`no permit for ${waitMs} ms (${because})`);
  }

  /**
   * When to come back. The wait is a forecast, and who comes too late leaves a slot unused: so at half of it, to be told anew, until
   * the rest can be waited for in place. The end of a pause is no forecast.
   */
  get comesBackInMs(): number {
    return this.because === 'limit' ? Math.max(100, this.waitMs / 2 - 500) : this.waitMs;
  }
}
