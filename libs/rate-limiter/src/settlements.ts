import type { Settlement } from './rate-limiter.ts';
import type { SettlementBatch, Witness } from './store.ts';

/** What a settlement needs to know of its permit. */
export interface Slot {
  readonly id: string;
  /** The grant on the store's clock. */
  readonly grantedAt: number;
  readonly epoch: number;
  /** All slots taken right after the grant, less the `seq` of then; see `vendorCount`. */
  readonly inUseLessSeq: number;
}

/** More than this waits only while the store is away; the rest frees late, by its lease. */
const PENDING_MAX = 4_096;
const BATCH_MAX = 512;

/** Settlements on their way to the store. It only collects: when to send them is the limiter's decision. */
export interface Settlements {
  add(slot: Slot, settlement: Settlement): void;
  giveBack(ids: readonly string[]): void;
  isEmpty(): boolean;
  freesSlots(): boolean;
  /** The next batch, no longer pending here. */
  drain(): SettlementBatch;
  /** A batch that may not have arrived. To tell it twice is harmless, to tell it late frees late. */
  restore(batch: SettlementBatch): void;
}

const isCount = (value: number | undefined, least: number): value is number =>
  value !== undefined && Number.isSafeInteger(value) && value >= least;

/**
 * The vendor's count compared with ours, in a form that can be judged later: the vendor counted `used` when the
 * request arrived, after its grant and before now. Whatever slot of ours it may have counted was taken at the grant
 * or later, so `used` is explained by us alone as long as (taken at the grant) + (taken since) reaches it.
 */
const vendorCountOf = (slot: Slot, used: number): Witness => ({
  epoch: slot.epoch,
  seq: used - slot.inUseLessSeq,
});

const later = (one: Witness | undefined, other: Witness): Witness =>
  one === undefined || other.epoch > one.epoch || (other.epoch === one.epoch && other.seq > one.seq)
    ? other
    : one;

export const createSettlements = (): Settlements => {
  const answered: string[] = [];
  const neverSent: string[] = [];
  let provenAt = 0;
  let vendorLimit: number | undefined;
  let vendorCount: Witness | undefined;

  const push = (list: string[], ids: readonly string[]): void => {
    list.push(...ids.slice(0, Math.max(0, PENDING_MAX - list.length)));
  };

  return {
    add(slot, settlement) {
      if (settlement.kind === 'unknown') return;
      if (settlement.kind === 'never-sent') return push(neverSent, [slot.id]);
      push(answered, [slot.id]);
      if (settlement.succeeded) provenAt = Math.max(provenAt, slot.grantedAt);
      const { used, limit } = settlement.quota ?? {};
      if (isCount(limit, 1)) vendorLimit = limit;
      if (isCount(used, 0)) vendorCount = later(vendorCount, vendorCountOf(slot, used));
    },
    giveBack: (ids) => push(neverSent, ids),
    isEmpty: () => answered.length === 0 && neverSent.length === 0,
    freesSlots: () => neverSent.length > 0,
    drain() {
      const batch = {
        answered: answered.splice(0, BATCH_MAX),
        neverSent: neverSent.splice(0, BATCH_MAX),
        provenAt,
        vendorLimit,
        vendorCount,
      };
      provenAt = 0;
      vendorLimit = undefined;
      vendorCount = undefined;
      return batch;
    },
    restore(batch) {
      push(answered, batch.answered);
      push(neverSent, batch.neverSent);
      provenAt = Math.max(provenAt, batch.provenAt);
      vendorLimit ??= batch.vendorLimit;
      if (batch.vendorCount) vendorCount = later(vendorCount, batch.vendorCount);
    },
  };
};
