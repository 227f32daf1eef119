/** Why the vendor throttled a request. */
export type ThrottleCause =
  /** We sent more than the limit: the limiter has failed. */
  | 'own-overshoot'
  /** Somebody else uses the same key. */
  | 'foreign-use'
  /** The vendor allows less than we took for the limit: a smaller plan, or too large a setting. */
  | 'plan-change'
  /** By its own count, or by ours, there was room. */
  | 'vendor-fault';

/** What the vendor's headers said beside a refusal, if it sent them. */
export interface ToldQuota {
  readonly used?: number;
  readonly limit?: number;
}

/** What our ledger knew when the refusal was told. */
export interface Ledger {
  /** Slots of ours: no window of the vendor holds more of our requests. */
  readonly own: number;
  /** As many of our requests as the vendor may have counted when it refused: slots may have fallen free since, and none been granted. */
  readonly ownThen: number;
  readonly foreign: number;
  readonly limit: number;
  /** What the vendor allows as far as it was known before: its own word, else what is configured. */
  readonly vendorAllows: number;
  /** Slots of ours taken since the limit was last lowered. */
  readonly takenSinceLowered: number;
}

/**
 * Names the cause of a 429. A vendor who says that there was room is believed; then comes a plan, since what was sent under the old limit
 * explains all refusals for as long as the vendor counts it; last a stranger, whom only the vendor's own count or what we saw of them
 * before can tell from a vendor at fault.
 *
 * More slots of ours than the limit are no overshoot if they were taken before it was lowered: then none can have been taken since, for
 * the limit grants nothing until they fit again. And a count beyond what the vendor allows is never ours alone: `ownThen` may be
 * higher, for slots that fell free and were taken again count twice in it.
 */
export const throttleCause = (
  { own, ownThen, foreign, limit, vendorAllows, takenSinceLowered }: Ledger,
  told: ToldQuota,
): ThrottleCause => {
  const allowed = told.limit ?? vendorAllows;
  if (told.used !== undefined && told.used < allowed) return 'vendor-fault';
  if (allowed < limit) return 'plan-change';
  if (own > limit && takenSinceLowered > 0) return 'own-overshoot';
  if (own > allowed) return 'plan-change';
  if (told.used !== undefined && told.used > Math.min(ownThen, allowed)) return 'foreign-use';
  if (foreign > 0 && own + foreign >= allowed) return 'foreign-use';
  return 'vendor-fault';
};
