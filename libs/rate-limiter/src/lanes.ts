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
 * In a lane that is not paced, the last slots of the limit are kept for teams below their share, so that a team that comes back
 * has a permit at once though another has filled all the rest. `size`: how many. `never`: how many of them are lent to nobody;
 * the others are lent one by one, one window long, to whoever goes on wanting more than their share. A lane that is paced has
 * slots falling free all the time and needs none.
 */
export const reserveOf = (limit: number): { readonly size: number; readonly never: number } => ({
  size: Math.floor(limit / LIMIT_PER_RESERVED),
  never: Math.floor(limit / LIMIT_PER_NEVER_LENT),
});
