import type { Lane, ThrottleCause } from '@glasshouse/rate-limiter';

/** Who asks, in each process: `count` callers, each with one call at a time. */
export interface Callers {
  readonly lane: Lane;
  readonly team: { readonly id: string; readonly weight: number };
  readonly count: number;
  /** Between one call and the next. */
  readonly idleMinMs: number;
  readonly idleMaxMs: number;
  readonly patienceMs: number;
}

/** Chances, each of what its comment says; none unless told. */
export interface Faults {
  /** Per step of a process: it ends, it stands still. */
  readonly crashes: number;
  readonly freezes: number;
  /** Per command: the reply is lost; the connection is refused. */
  readonly lostReplies: number;
  readonly lostCommands: number;
  /** Per request: never answered though it arrives, maybe late; broken off; not connected; refused with 429; with 500. */
  readonly timeouts: number;
  readonly resets: number;
  readonly refusals: number;
  readonly throttles: number;
  readonly serverErrors: number;
  /** Per minute of the house: the store's state is lost, put back to an older one, the store is away, its clock set back. */
  readonly stateLosses: number;
  readonly restores: number;
  readonly outages: number;
  readonly clockSetBacks: number;
  /** The host goes down: all processes end, and the store comes back with an older state. */
  readonly hostCrashes: number;
  readonly flagChanges: number;
  /** No chance: so many taken slots each grant overlooks. The limiter itself is at fault, by just as many requests. */
  readonly overlookedSlots: number;
}

export const noFaults: Faults = {
  crashes: 0,
  freezes: 0,
  lostReplies: 0,
  lostCommands: 0,
  timeouts: 0,
  resets: 0,
  refusals: 0,
  throttles: 0,
  serverErrors: 0,
  stateLosses: 0,
  restores: 0,
  outages: 0,
  clockSetBacks: 0,
  hostCrashes: 0,
  flagChanges: 0,
  overlookedSlots: 0,
};

/** A house and what befalls it; everything else that happens, the seed decides. */
export interface Scenario {
  readonly name: string;
  readonly seed: number;
  /** Requests per window that each process is configured for. */
  readonly limit: number;
  readonly windowMs: number;
  readonly leaseMs: number;
  readonly processes: number;
  readonly callers: readonly Callers[];
  /** From the first byte of a request to the last of its answer. */
  readonly latencyMs: readonly [number, number];
  /** Share of requests that find a connection open, and how long opening one takes at most. */
  readonly reusedConnections: number;
  readonly connectMaxMs: number;
  /** Between a process and the store, each way. */
  readonly storeDelayMaxMs: number;
  readonly skewMaxMs: number;
  readonly driftMax: number;
  readonly vendor: {
    readonly limit: number;
    readonly counts: 'sliding' | 'aligned';
    readonly quotaHeaders: boolean;
    /** From so long after the start on, it allows no more than this. */
    readonly drop?: { readonly afterMs: number; readonly to: number };
  };
  /** Requests per minute that somebody else sends with our key. */
  readonly foreignPerMinute: number;
  readonly faults: Faults;
  /** The faults go on for so many steps or for so long, then they end and the house must recover. */
  readonly storm: { readonly steps: number } | { readonly forMs: number };
  /** How long the house may take to recover, and how long it is watched then. */
  readonly recoveryMs: number;
  readonly watchedMs: number;
  readonly expects: Expectations;
}

/** What a run must show beside the rules that hold for all. */
export interface Expectations {
  /** Of the limit in force, while it is watched. */
  readonly useMin?: number;
  readonly useMax?: number;
  /** Commands to the store for each request. */
  readonly storeCallsPerRequestMax?: number;
  /** Sendings for each call. */
  readonly amplificationMax?: number;
  /** Refusals by a vendor who counts for himself, all told, and while the house is watched. */
  readonly refusedMax?: number;
  readonly refusedWatchedMax?: number;
  /** What each refusal is named, of which there must be some; and that nothing is sent to a vendor who is known to be full. */
  readonly cause?: ThrottleCause;
  readonly silentWhenFull?: boolean;
  /** Requests of somebody else are noticed. */
  readonly foreignIsSeen?: boolean;
  /** How long an answer may take for each of a team that asks seldom, while the house is watched. */
  readonly seldomWithinMs?: { readonly team: string; readonly ms: number };
  /** Whoever asks on the interactive lane is answered while the house is watched. */
  readonly noneStarves?: boolean;
  /** The limit may be passed by as many grants as a store has forgotten that came back with an older state. */
  readonly forgivesForgotten?: boolean;
  /** Nobody sends while the vendor has told everybody to wait: only where no fault keeps the word from spreading. */
  readonly pausesHold?: boolean;
}
