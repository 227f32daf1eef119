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

/** A team that asked in the last so many parts of a window counts as one that wants its share, also while it waits for an answer. */
export const RECENT_PER_WINDOW = 12;

/**
 * While a team is short of its share by more than one slot in so many, the others have what it leaves at the limit's even pace, so that
 * slots are there, and fall free one by one, for whoever can use but few of a burst.
 */
export const LIMIT_PER_SHORTFALL = 50;
/** How many slots over its share a team has at once to catch up with that pace: timers are late. */
export const BORROWED_AT_ONCE = 4;
