import type { Lane } from '../lanes.ts';
import {
  FOREIGN_RENEWALS_PER_WINDOW,
  foreignHoldMs,
  RETRY_AFTER_MAX_MS,
  type Seen,
  type SettlementBatch,
  type Terms,
  type Witness,
} from '../store.ts';
import type { LaneBook } from './fair-shares.ts';

export interface Holding {
  readonly slots: number;
  readonly weight: number;
  readonly lastAt: number;
}

export interface State {
  epoch: number;
  seq: number;
  blockedUntil: number;
  pausedUntil: number;
  pauseBeganAt: number;
  pauseLevel: number;
  configured: number;
  flag: number | undefined;
  vendor: number | undefined;
  /** What `seq` was when the limit was last lowered, risen since with each foreign slot: beyond it are slots of ours only. */
  loweredSeq: number;
  /** When foreign slots were last held anew. */
  foreignRenewedAt: number;
  paceUs: number;
  borrowUs: number;
  /** Slot id -> when it falls free. */
  readonly slots: Map<string, number>;
  /** Account -> slots it holds, its team's weight, when it had the last one. */
  readonly used: Map<string, Holding>;
  /** Of the lanes in which somebody waits. */
  readonly books: Map<Lane, LaneBook>;
}

export const FOREIGN = 'foreign:';

/** The account that a slot is on; none for a foreign one. */
export const ownerOf = (id: string): string | undefined => /^[^/]+(?=\/)/.exec(id)?.[0];

const free = ({ slots, used }: State, id: string): void => {
  const account = slots.delete(id) ? ownerOf(id) : undefined;
  const holding = account === undefined ? undefined : used.get(account);
  if (account === undefined || !holding) return;
  if (holding.slots > 1) used.set(account, { ...holding, slots: holding.slots - 1 });
  else used.delete(account);
};

export const isCurrent = (state: State | undefined, { epoch, seq }: Witness): state is State =>
  state !== undefined && (state.epoch > epoch || (state.epoch === epoch && state.seq >= seq));

/** The state as one operation sees it: set up if it was lost, times brought back into reach, what fell free dropped. */
export const openState = (
  state: State | undefined,
  terms: Terms,
  now: number,
  { dropsFree = true }: { readonly dropsFree?: boolean } = {},
) => {
  const { windowMs, leaseMs, witness } = terms;
  const storeNow = Math.floor(now);
  const freeAt = (ms: number): number => storeNow + 1 + ms;
  let lostForMs = 0;
  if (!isCurrent(state, witness)) {
    lostForMs = 1 + windowMs + leaseMs;
    state = {
      epoch: Math.max(storeNow, witness.epoch + 1),
      seq: 0,
      blockedUntil: freeAt(windowMs + leaseMs),
      pausedUntil: 0,
      pauseBeganAt: 0,
      pauseLevel: 0,
      configured: terms.configuredLimit,
      flag: terms.flagLimit,
      vendor: undefined,
      loweredSeq: 0,
      foreignRenewedAt: 0,
      paceUs: 0,
      borrowUs: 0,
      slots: new Map(),
      used: new Map(),
      books: new Map(),
    };
  }
  const s = state;
  s.blockedUntil = Math.min(s.blockedUntil, freeAt(windowMs + leaseMs));
  s.pausedUntil = Math.min(s.pausedUntil, storeNow + Math.max(windowMs, RETRY_AFTER_MAX_MS));
  const pausedMs = (): number => Math.max(0, s.pausedUntil - storeNow);
  const heldMax = freeAt(windowMs + Math.max(leaseMs, windowMs + pausedMs()));
  for (const [id, freesAt] of s.slots) {
    if (freesAt <= storeNow) {
      if (dropsFree) free(s, id);
    } else if (dropsFree && freesAt > heldMax) s.slots.set(id, heldMax);
  }

  const limit = (): number => Math.min(s.configured, s.flag ?? Infinity, s.vendor ?? Infinity);
  const foreignSlots = (): [id: string, freesAt: number][] =>
    [...s.slots].filter(([id, freesAt]) => id.startsWith(FOREIGN) && freesAt > storeNow);
  const foreign = (): number => foreignSlots().length;
  let foreignAdded = 0;

  const changeLimit = (change: () => void): void => {
    const before = limit();
    change();
    if (limit() < before) s.loweredSeq = s.seq;
  };

  const settle = (batch: SettlementBatch): void => {
    for (const id of batch.answered) if (s.slots.has(id)) s.slots.set(id, freeAt(windowMs));
    for (const id of batch.neverSent) free(s, id);
    if (batch.provenAt > s.pauseBeganAt) s.pauseLevel = 0;
    changeLimit(() => {
      s.vendor = batch.vendorLimit ?? s.vendor;
    });
    const { vendorCount } = batch;
    if (vendorCount?.epoch !== s.epoch) return;
    const held = foreignSlots().sort(([, one], [, other]) => one - other);
    const unexplained = vendorCount.seq - s.seq;
    foreignAdded = Math.max(0, Math.min(unexplained, limit() - held.length));
    const ownLimit = Math.min(s.configured, s.flag ?? Infinity);
    const hasMargin = s.vendor !== undefined && s.vendor > ownLimit;
    const holdMs = foreignHoldMs(windowMs, hasMargin) + pausedMs();
    const renewedAgoMs = storeNow - s.foreignRenewedAt;
    if (
      held.length > 0 &&
      (renewedAgoMs < 0 || renewedAgoMs >= windowMs / FOREIGN_RENEWALS_PER_WINDOW)
    ) {
      const stillThere = hasMargin ? 0 : Math.max(0, held.length + Math.min(0, unexplained));
      for (const [id] of held.slice(0, stillThere)) s.slots.set(id, freeAt(holdMs));
      s.foreignRenewedAt = storeNow;
    }
    for (let n = 1; n <= foreignAdded; n += 1) {
      s.slots.set(`${FOREIGN}${s.seq + n}`, freeAt(holdMs));
    }
    s.seq += foreignAdded;
    s.loweredSeq += foreignAdded;
  };

  const seen = (): Seen => ({
    lostForMs,
    epoch: s.epoch,
    seq: s.seq,
    limit: limit(),
    storeNow,
    foreignAdded,
  });
  const forgiveLoss = (): void => {
    lostForMs = 0;
    s.blockedUntil = 0;
  };
  return { s, storeNow, freeAt, limit, changeLimit, foreign, settle, seen, forgiveLoss };
};
