import {
  PAUSE_FIRST_MS,
  RETRY_AFTER_MAX_MS,
  RETRY_AFTER_MIN_MS,
  type PermitStore,
  type Terms,
} from '../store.ts';
import { grantFrom } from './grant.ts';
import { FOREIGN, isCurrent, openState, ownerOf, type State } from './permit-state.ts';

/** The twin of the Redis store, with what a test needs to play a fault. */
export interface MemoryPermitStore extends PermitStore {
  /** Everything is gone, as after a FLUSHALL. */
  forget(): void;
  /** Remembers the state of now; the function returned puts it back, as a restart from an old snapshot does. */
  remember(): () => void;
  /** Takes up to so many slots out of the account, of those that fall free in the middle; the function returned puts them back. */
  mislay(count: number): { readonly slots: number; readonly putBack: () => void };
}

const byTeam = (ids: readonly string[]): Record<string, number> => {
  const teams: Record<string, number> = {};
  for (const id of ids) {
    const team = ownerOf(id)?.replace(/~$/, '');
    if (team !== undefined) teams[team] = (teams[team] ?? 0) + 1;
  }
  return teams;
};

/**
 * The permit store in one process: rule for rule what the Lua scripts do, and the shorter text to read them by.
 * A differential test holds the two together; the reasons stand with the scripts.
 */
export const createMemoryPermitStore = (now: () => number): MemoryPermitStore => {
  let state: State | undefined;

  const open = (terms: Terms, drops: Parameters<typeof openState>[3] = {}) => {
    const opened = openState(state, terms, now(), drops);
    state = opened.s;
    return opened;
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
    mislay(count) {
      const slots = state?.slots ?? new Map<string, number>();
      const inOrder = [...slots].sort(
        ([id, one], [otherId, other]) => one - other || (id < otherId ? -1 : 1),
      );
      const from = Math.floor(inOrder.length / 2);
      const mislaid = inOrder.slice(from, from + count);
      for (const [id] of mislaid) slots.delete(id);
      const putBack = (): void => {
        for (const [id, freesAt] of mislaid) slots.set(id, freesAt);
      };
      return { slots: mislaid.length, putBack };
    },
    async grant(terms, ask, settlements) {
      return grantFrom(open(terms), terms, ask, settlements);
    },
    async settle(terms, settlements) {
      const { settle, seen } = open(terms, { dropsFree: false });
      settle(settlements);
      return seen();
    },
    async pause(terms, { grantedAt, retryAfterMs, random }) {
      const { s, storeNow, foreign, seen } = open(terms);
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
      return {
        ...seen(),
        resumesInMs,
        lengthened: s.pausedUntil > before,
        inUse: s.slots.size,
        foreign: foreign(),
        vendorAllows: s.vendor ?? s.configured,
        takenSinceLowered: s.seq - s.loweredSeq,
      };
    },
    async announce(terms, announcement) {
      const { s, changeLimit, seen } = open(terms);
      changeLimit(() => {
        if (announcement.configured !== undefined) s.configured = announcement.configured;
        if ('flag' in announcement) s.flag = announcement.flag;
      });
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
        return { limit, inUse: 0, foreign: 0, pausedForMs: 0, stateLostForMs, teams: {} };
      }
      const taken = [...state.slots].filter(([, freesAt]) => freesAt > storeNow);
      const { configured, flag = Infinity, vendor = Infinity } = state;
      return {
        limit: Math.min(configured, flag, vendor),
        inUse: taken.length,
        foreign: taken.filter(([id]) => id.startsWith(FOREIGN)).length,
        pausedForMs: Math.max(0, state.pausedUntil - storeNow),
        stateLostForMs: Math.max(0, state.blockedUntil - storeNow),
        teams: byTeam(taken.map(([id]) => id)),
      };
    },
  };
};
