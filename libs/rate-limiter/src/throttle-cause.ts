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
  /** How long ago the vendor was first heard to allow less than the limit of until then; `undefined`: never. */
  readonly loweredMsAgo: number | undefined;
}

/**
 * Names the cause of a 429. A plan comes first, since what was sent under the old limit explains all refusals for as long as the
 * vendor counts it; then a stranger, whom only the vendor's own count or what we saw of them before can tell from a vendor at fault.
 */
export const throttleCause = (
  { own, ownThen, foreign, limit, loweredMsAgo }: Ledger,
  told: ToldQuota,
  /** Window and lease: as long as requests of before may count. */
  rememberedMs: number,
): ThrottleCause => {
  if (told.limit !== undefined && told.limit < limit) return 'plan-change';
  if (own > limit) {
    return loweredMsAgo !== undefined && loweredMsAgo <= rememberedMs
      ? 'plan-change'
      : 'own-overshoot';
  }
  if (told.used !== undefined && told.used > ownThen) return 'foreign-use';
  if (foreign > 0 && own + foreign >= limit) return 'foreign-use';
  return 'vendor-fault';
};
