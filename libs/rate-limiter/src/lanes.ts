/** How much of the limit each lane may fill, counted over all lanes together, and whether it is paced. */
export interface LanePolicy {
  /** The lane is granted while fewer than this share of the limit's slots are taken, by whomever. */
  readonly sharePercent: number;
  /** Given: the lane is paced evenly over the window; at most this share of it goes at once to catch up. */
  readonly catchUpPercent?: number;
}

/**
 * Bulk uses the quota nobody else wants and leaves a tenth for those who wait at a screen. Paced, because a
 * backfill that fills its share in one burst would give it back in one burst, a window later, for ever.
 */
export const lanes = {
  interactive: { sharePercent: 100 },
  bulk: { sharePercent: 90, catchUpPercent: 4 },
  probe: { sharePercent: 100 },
} as const satisfies Record<string, LanePolicy>;

export type Lane = keyof typeof lanes;

export const isPaced = (lane: Lane): boolean => {
  const policy: LanePolicy = lanes[lane];
  return policy.catchUpPercent !== undefined;
};

export const isLane = (name: string): name is Lane => Object.hasOwn(lanes, name);

export const LIMIT_PER_RESERVED = 20;
export const LIMIT_PER_NEVER_LENT = 200;

/**
 * In a lane that is not paced, a team has its share of all but a reserve at once. What it wants beyond, and others leave unused, it
 * has paced: so slots are there for whoever comes next, and fall free one by one. The
 * reserve is for teams below their share. It is lent, too, for a window each, but for `never` slots, and evenly over a window: so
 * a team that comes back has a permit at once, or soon, though another has filled all the rest.
 */
export interface Reserve {
  readonly size: number;
  readonly never: number;
}

export const reserveOf = (limit: number): Reserve => ({
  size: Math.floor(limit / LIMIT_PER_RESERVED),
  never: Math.floor(limit / LIMIT_PER_NEVER_LENT),
});

/** A team that asked in the last so many parts of a window counts as one that wants its share, also while it waits for an answer. */
export const RECENT_PER_WINDOW = 12;
/**
 * Over its share a team has slots at so many times the limit's even pace. Beside others at that pace itself, since what it takes in
 * one burst they could not have for a window; alone the rest of the limit is soon its own.
 */
export const BORROWING_PACE = { besideOthers: 1, alone: 16 } as const;
/** How many slots over its share a team has at once to catch up with the pace: timers are late. */
export const BORROWED_AT_ONCE = 4;
