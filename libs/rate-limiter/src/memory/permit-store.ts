import type { LanePolicy } from '../lanes.ts';
import {
  PAUSE_FIRST_MS,
  RETRY_AFTER_MAX_MS,
  RETRY_AFTER_MIN_MS,
  type Granted,
  type PermitStore,
  type Seen,
  type SettlementBatch,
  type Terms,
  type Witness,
} from '../store.ts';

/** The twin of the Redis store, with what a test needs to play a fault. */
export interface MemoryPermitStore extends PermitStore {
  /** Everything is gone, as after a FLUSHALL. */
  forget(): void;
  /** Remembers the state of now; the function returned puts it back, as a restart from an old snapshot does. */
  remember(): () => void;
}

interface State {
  epoch: number;
  seq: number;
  blockedUntil: number;
  pausedUntil: number;
  pauseBeganAt: number;
  pauseLevel: number;
  configured: number;
  flag: number | undefined;
  vendor: number | undefined;
  paceUs: number;
  /** Slot id -> when it falls free. */
  readonly slots: Map<string, number>;
}

const FOREIGN = 'foreign:';

const isCurrent = (state: State | undefined, { epoch, seq }: Witness): state is State =>
  state !== undefined && (state.epoch > epoch || (state.epoch === epoch && state.seq >= seq));

/**
 * The permit store in one process: rule for rule what the Lua scripts do, and the shorter text to read them by.
 * A differential test holds the two together; the reasons stand with the scripts.
 */
export const createMemoryPermitStore = (now: () => number): MemoryPermitStore => {
  let state: State | undefined;

  const open = (terms: Terms) => {
    const { windowMs, leaseMs, witness } = terms;
    const storeNow = Math.floor(now());
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
        paceUs: 0,
        slots: new Map(),
      };
    }
    const s = state;
    s.blockedUntil = Math.min(s.blockedUntil, freeAt(windowMs + leaseMs));
    s.pausedUntil = Math.min(s.pausedUntil, storeNow + Math.max(windowMs, RETRY_AFTER_MAX_MS));
    for (const [id, freesAt] of s.slots) {
      if (freesAt <= storeNow) s.slots.delete(id);
      else if (freesAt > freeAt(leaseMs + windowMs)) s.slots.set(id, freeAt(leaseMs + windowMs));
    }

    const limit = (): number => Math.min(s.configured, s.flag ?? Infinity, s.vendor ?? Infinity);
    const foreign = (): number => [...s.slots.keys()].filter((id) => id.startsWith(FOREIGN)).length;
    let foreignAdded = 0;

    const settle = (batch: SettlementBatch): void => {
      for (const id of batch.answered) if (s.slots.has(id)) s.slots.set(id, freeAt(windowMs));
      for (const id of batch.neverSent) s.slots.delete(id);
      if (batch.provenAt > s.pauseBeganAt) s.pauseLevel = 0;
      if (batch.vendorLimit !== undefined) s.vendor = batch.vendorLimit;
      const { vendorCount } = batch;
      if (vendorCount?.epoch !== s.epoch) return;
      foreignAdded = Math.max(0, Math.min(vendorCount.seq - s.seq, limit() - foreign()));
      for (let n = 1; n <= foreignAdded; n += 1) {
        s.slots.set(`${FOREIGN}${s.seq + n}`, freeAt(windowMs));
      }
      s.seq += foreignAdded;
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
    return { s, storeNow, freeAt, limit, settle, seen, forgiveLoss };
  };

  const pace = (
    s: State,
    storeNow: number,
    windowMs: number,
    capacity: number,
    lane: LanePolicy,
  ) => {
    const nowUs = storeNow * 1000;
    const stepUs = Math.floor((windowMs * 1000) / capacity);
    const burst = Math.max(1, Math.ceil((capacity * (lane.catchUpPercent ?? 0)) / 100));
    let fromUs = Math.max(s.paceUs, nowUs - (burst - 1) * stepUs);
    if (fromUs > nowUs + stepUs) fromUs = nowUs;
    return { fromUs, stepUs, due: Math.max(0, Math.floor((nowUs - fromUs) / stepUs) + 1) };
  };

  return {
    forget() {
      state = undefined;
    },
    remember() {
      const remembered = structuredClone(state);
      return () => {
        state = structuredClone(remembered);
      };
    },
    async grant(terms, { prefix, firstId, wanted, lane }, settlements) {
      const { s, storeNow, freeAt, limit, settle, seen } = open(terms);
      const { windowMs, leaseMs } = terms;
      settle(settlements);
      const denied = (because: Granted['because'], waitMs: number): Granted => ({
        ...seen(),
        granted: 0,
        inUse: s.slots.size,
        because,
        waitsMs: [waitMs],
      });
      const heldUntil = Math.max(s.blockedUntil, s.pausedUntil);
      if (s.blockedUntil > storeNow) return denied('state-lost', heldUntil - storeNow);
      if (s.pausedUntil > storeNow) return denied('pause', heldUntil - storeNow);

      const capacity = Math.max(1, Math.floor((limit() * lane.sharePercent) / 100));
      const paced =
        lane.catchUpPercent === undefined ? undefined : pace(s, storeNow, windowMs, capacity, lane);
      const room = capacity - s.slots.size;
      const granted = Math.max(0, Math.min(wanted, room, paced?.due ?? wanted));
      for (let n = 0; n < granted; n += 1) {
        s.slots.set(`${prefix}:${firstId + n}`, freeAt(leaseMs + windowMs));
      }
      s.seq += granted;
      const paceUs = paced ? paced.fromUs + granted * paced.stepUs : 0;
      if (paced && granted > 0) s.paceUs = paceUs;

      const scores = [...s.slots.values()].sort((one, other) => one - other);
      const waitsMs = Array.from({ length: wanted - granted }, (_, place) => {
        const rank = s.slots.size - capacity + place;
        const freesAt = rank < 0 ? storeNow : Math.min(scores[rank] ?? Infinity, freeAt(windowMs));
        const dueAt = paced ? Math.ceil((paceUs + place * paced.stepUs) / 1000) : 0;
        return Math.max(1, freesAt - storeNow, dueAt - storeNow);
      });
      return { ...seen(), granted, inUse: s.slots.size, because: 'limit', waitsMs };
    },
    async settle(terms, settlements) {
      const { settle, seen } = open(terms);
      settle(settlements);
      return seen();
    },
    async pause(terms, { grantedAt, retryAfterMs, random }) {
      const { s, storeNow, seen } = open(terms);
      const before = s.pausedUntil;
      const known =
        grantedAt === undefined ? s.pausedUntil > storeNow : grantedAt <= s.pauseBeganAt;
      if (!known) {
        const baseMs = Math.min(PAUSE_FIRST_MS * 2 ** s.pauseLevel, terms.windowMs);
        s.pausedUntil = Math.max(before, storeNow + Math.ceil((baseMs * (1 + random)) / 2));
        s.pauseBeganAt = storeNow;
        s.pauseLevel = Math.min(s.pauseLevel + 1, 30);
      }
      if (retryAfterMs !== undefined) {
        const obeyedMs = Math.min(Math.max(retryAfterMs, RETRY_AFTER_MIN_MS), RETRY_AFTER_MAX_MS);
        s.pausedUntil = Math.max(s.pausedUntil, storeNow + obeyedMs);
      }
      const resumesInMs = Math.max(0, s.pausedUntil - storeNow);
      return { ...seen(), resumesInMs, lengthened: s.pausedUntil > before };
    },
    async announce(terms, announcement) {
      const { s, seen } = open(terms);
      if (announcement.configured !== undefined) s.configured = announcement.configured;
      if ('flag' in announcement) s.flag = announcement.flag;
      return seen();
    },
    async declareEpoch(terms) {
      const { forgiveLoss, seen } = open(terms);
      forgiveLoss();
      return seen();
    },
    async status({ configuredLimit, flagLimit = Infinity, windowMs, leaseMs, witness }) {
      const storeNow = Math.floor(now());
      if (!isCurrent(state, witness)) {
        const limit = Math.min(configuredLimit, flagLimit);
        const stateLostForMs = 1 + windowMs + leaseMs;
        return { limit, inUse: 0, foreign: 0, pausedForMs: 0, stateLostForMs };
      }
      const taken = [...state.slots].filter(([, freesAt]) => freesAt > storeNow);
      const { configured, flag = Infinity, vendor = Infinity } = state;
      return {
        limit: Math.min(configured, flag, vendor),
        inUse: taken.length,
        foreign: taken.filter(([id]) => id.startsWith(FOREIGN)).length,
        pausedForMs: Math.max(0, state.pausedUntil - storeNow),
        stateLostForMs: Math.max(0, state.blockedUntil - storeNow),
      };
    },
  };
};
