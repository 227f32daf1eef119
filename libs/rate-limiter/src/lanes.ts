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

export const isLane = (name: string): name is Lane => Object.hasOwn(lanes, name);
