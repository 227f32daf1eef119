import { lanes, reserveOf, type Lane, type LanePolicy } from '../lanes.ts';
import {
  PAUSE_FIRST_MS,
  RETRY_AFTER_MAX_MS,
  RETRY_AFTER_MIN_MS,
  accountOf,
  slotIdOf,
  waitPlaces,
  type PermitStore,
  type Seen,
  type SettlementBatch,
  type TeamDemand,
  type TeamGrant,
  type Terms,
  type Witness,
} from '../store.ts';
import { emptyBook, shareOut, type LaneBook } from './fair-shares.ts';

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
  /** Account -> slots it holds. */
  readonly used: Map<string, number>;
  /** Of the lanes in which somebody waits. */
  readonly books: Map<Lane, LaneBook>;
}

const FOREIGN = 'foreign:';

const ownerOf = (id: string): string | undefined => /^[^/]+(?=\/)/.exec(id)?.[0];

const count = ({ used }: State, id: string, more: 1 | -1): void => {
  const account = ownerOf(id);
  if (account === undefined) return;
  const now = (used.get(account) ?? 0) + more;
  if (now > 0) used.set(account, now);
  else used.delete(account);
};

const take = (state: State, id: string, freesAt: number): void => {
  if (!state.slots.has(id)) count(state, id, 1);
  state.slots.set(id, freesAt);
};

const free = (state: State, id: string): void => {
  if (state.slots.delete(id)) count(state, id, -1);
};

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
        used: new Map(),
        books: new Map(),
      };
    }
    const s = state;
    s.blockedUntil = Math.min(s.blockedUntil, freeAt(windowMs + leaseMs));
    s.pausedUntil = Math.min(s.pausedUntil, storeNow + Math.max(windowMs, RETRY_AFTER_MAX_MS));
    for (const [id, freesAt] of s.slots) {
      if (freesAt <= storeNow) free(s, id);
      else if (freesAt > freeAt(leaseMs + windowMs)) s.slots.set(id, freeAt(leaseMs + windowMs));
    }

    const limit = (): number => Math.min(s.configured, s.flag ?? Infinity, s.vendor ?? Infinity);
    const foreign = (): number => [...s.slots.keys()].filter((id) => id.startsWith(FOREIGN)).length;
    let foreignAdded = 0;

    const settle = (batch: SettlementBatch): void => {
      for (const id of batch.answered) if (s.slots.has(id)) s.slots.set(id, freeAt(windowMs));
      for (const id of batch.neverSent) free(s, id);
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
    async grant(terms, { prefix, firstId, lane, demands }, settlements) {
      const { s, storeNow, freeAt, limit, settle, seen } = open(terms);
      const { windowMs, leaseMs } = terms;
      const policy: LanePolicy = lanes[lane];
      settle(settlements);

      const capacity = Math.max(1, Math.floor((limit() * policy.sharePercent) / 100));
      const paced =
        policy.catchUpPercent === undefined
          ? undefined
          : pace(s, storeNow, windowMs, capacity, policy);
      const heldUntil = Math.max(s.blockedUntil, s.pausedUntil);
      const stopped =
        s.blockedUntil > storeNow ? 'state-lost' : s.pausedUntil > storeNow ? 'pause' : undefined;
      const used = new Map(s.used);
      const shares = shareOut({
        book: s.books.get(lane) ?? emptyBook,
        prefix,
        demands,
        storeNow,
        windowMs,
        limit: limit(),
        reserve: paced ? { size: 0, never: 0 } : reserveOf(limit()),
        free: capacity - s.slots.size,
        due: stopped ? 0 : (paced?.due ?? Infinity),
        heldBy: (team) => used.get(team) ?? 0,
        heldInAll: (team) => (used.get(team) ?? 0) + (used.get(`${team}~`) ?? 0),
      });
      let id = firstId;
      let granted = 0;
      for (const { demand, granted: own } of shares.own) {
        const account = accountOf(demand.team, lane);
        for (let n = 0; n < own; n += 1) {
          take(s, slotIdOf(account, prefix, id + n), freeAt(leaseMs + windowMs));
        }
        id += demand.wanted;
        granted += own;
      }
      s.seq += granted;
      const paceUs = paced ? paced.fromUs + granted * paced.stepUs : 0;
      if (paced && granted > 0) s.paceUs = paceUs;

      const scores = [...s.slots.values()].sort((one, other) => one - other);
      // Who comes behind all slots waits for their next round, a window later.
      const slotFreesAt = (turn: number, held: number): number => {
        const size = Math.max(1, capacity - held);
        const rank = (turn % size) - (capacity - held - s.slots.size);
        const frees = rank < 0 ? storeNow : Math.min(scores[rank] ?? Infinity, freeAt(windowMs));
        return frees + Math.floor(turn / size) * windowMs;
      };
      const waitAt = (line: (typeof shares.own)[number], place: number): number => {
        const { turn, held, lendAt } = shares.turnAt(line, place);
        const freesAt = Math.min(slotFreesAt(turn, held), lendAt);
        const dueAt = paced ? Math.ceil((paceUs + turn * paced.stepUs) / 1000) : 0;
        return Math.max(1, freesAt - storeNow, dueAt - storeNow, heldUntil - storeNow);
      };
      /** In ms from now, the first slot of this team. */
      const firstFreesAt = (team: string): number => {
        const own = [...s.slots].filter(([id]) => [team, `${team}~`].includes(ownerOf(id) ?? ''));
        return Math.min(freeAt(windowMs), ...own.map(([, freesAt]) => freesAt)) - storeNow;
      };
      const grantOf = (line: (typeof shares.own)[number]): TeamGrant => {
        const { demand, ready } = line;
        const waiting = ready - line.granted + demand.later;
        const { granted } = line;
        if (ready < demand.wanted && waiting === demand.later) {
          const waitMs = Math.max(1, firstFreesAt(demand.team), heldUntil - storeNow);
          return { granted, because: 'team-quota', waiting, waitsMs: [waitMs] };
        }
        const waitsMs = waiting > 0 ? waitPlaces(waiting).map((place) => waitAt(line, place)) : [];
        return { granted, because: stopped ?? 'limit', waiting, waitsMs };
      };
      const teams = shares.own.map(grantOf);
      const firstWaits = teams.flatMap(({ waitsMs }) => waitsMs.slice(0, 1));
      const book = shares.close(storeNow + Math.min(...firstWaits));
      if (book) s.books.set(lane, book);
      else s.books.delete(lane);
      return { ...seen(), inUse: s.slots.size, teams };
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
