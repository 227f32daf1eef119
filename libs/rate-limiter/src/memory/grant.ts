import { keptSlots, reserveOf } from '../kept-slots.ts';
import { BORROWED_AT_ONCE, lanes, RECENT_PER_WINDOW, type LanePolicy } from '../lanes.ts';
import {
  accountOf,
  slotIdOf,
  waitPlaces,
  type GrantAsk,
  type Granted,
  type SettlementBatch,
  type TeamGrant,
  type Terms,
} from '../store.ts';
import { emptyBook, shareOut } from './fair-shares.ts';
import { ownerOf, type Holding, type openState } from './permit-state.ts';

/** Teams that had a slot of a lane that is not paced since then, with their weights. */
const recentOf = (used: ReadonlyMap<string, Holding>, since: number): Map<string, number> =>
  new Map(
    [...used]
      .filter(([account, { lastAt }]) => !account.endsWith('~') && lastAt >= since)
      .map(([account, { weight }]) => [account, weight]),
  );

/** An even pace of so many a window, of which a few may go at once; `lastUs` is where it stands. */
const pace = (
  lastUs: number,
  storeNow: number,
  windowMs: number,
  capacity: number,
  burst: number,
) => {
  const nowUs = storeNow * 1000;
  const stepUs = Math.floor((windowMs * 1000) / capacity);
  let fromUs = Math.max(lastUs, nowUs - (burst - 1) * stepUs);
  if (fromUs > nowUs + stepUs) fromUs = nowUs;
  return { fromUs, stepUs, due: Math.max(0, Math.floor((nowUs - fromUs) / stepUs) + 1) };
};

/** The grant of redis/scripts/grant.ts, where its rules are told. */
export const grantFrom = (
  { s, storeNow, freeAt, limit, settle, seen }: ReturnType<typeof openState>,
  { windowMs, leaseMs }: Terms,
  { prefix, firstId, lane, demands }: GrantAsk,
  settlements: SettlementBatch,
): Granted => {
  const policy: LanePolicy = lanes[lane];
  settle(settlements);

  const capacity = Math.max(1, Math.floor((limit() * policy.sharePercent) / 100));
  const paced =
    policy.catchUpPercent === undefined
      ? undefined
      : pace(
          s.paceUs,
          storeNow,
          windowMs,
          capacity,
          Math.max(1, Math.ceil((capacity * policy.catchUpPercent) / 100)),
        );
  const reserved = paced ? 0 : reserveOf(limit());
  const heldUntil = Math.max(s.blockedUntil, s.pausedUntil);
  const stopped =
    s.blockedUntil > storeNow ? 'state-lost' : s.pausedUntil > storeNow ? 'pause' : undefined;
  const used = new Map(s.used);
  const heldBy = (account: string): number => used.get(account)?.slots ?? 0;
  const book = s.books.get(lane) ?? emptyBook;
  const recent = paced
    ? new Map<string, number>()
    : recentOf(used, storeNow - windowMs / RECENT_PER_WINDOW);
  const free = capacity - s.slots.size;
  const fallenFreeBy = (time: number): number =>
    [...s.slots.values()].filter((freesAt) => freesAt <= time).length;
  const kept = keptSlots(reserved, windowMs);
  const besideKept = kept.map(
    ({ slots, withinMs }) => free + fallenFreeBy(storeNow + withinMs) - slots,
  );
  const spare = Math.max(0, Math.min(free, ...besideKept));
  const borrowing = pace(s.borrowUs, storeNow, windowMs, limit(), BORROWED_AT_ONCE);
  const shares = shareOut({
    book,
    prefix,
    demands,
    storeNow,
    limit: limit(),
    reserved,
    free,
    spare,
    borrowable: borrowing.due,
    due: stopped ? 0 : (paced?.due ?? Infinity),
    recent,
    heldBy,
    heldInAll: (team) => heldBy(team) + heldBy(`${team}~`),
  });
  let id = firstId;
  let granted = 0;
  for (const { demand, granted: own } of shares.own) {
    const account = accountOf(demand.team, lane);
    for (let n = 0; n < own; n += 1) {
      s.slots.set(slotIdOf(account, prefix, id + n), freeAt(leaseMs + windowMs));
    }
    if (own > 0) {
      const { weight } = demand;
      s.used.set(account, { slots: heldBy(account) + own, weight, lastAt: storeNow });
    }
    id += demand.wanted;
    granted += own;
  }
  s.seq += granted;
  const borrowUs = borrowing.fromUs + shares.borrowed * borrowing.stepUs;
  if (shares.borrowed > 0) s.borrowUs = borrowUs;
  const paceUs = paced ? paced.fromUs + granted * paced.stepUs : 0;
  if (paced && granted > 0) s.paceUs = paceUs;

  const scores = [...s.slots.values()].sort((one, other) => one - other);
  // Who comes behind all slots waits for their next round, a window later.
  const slotFreesAt = (turn: number): number => {
    const rank = (turn % capacity) - (capacity - s.slots.size);
    const frees = rank < 0 ? storeNow : Math.min(scores[rank] ?? Infinity, freeAt(windowMs));
    return frees + Math.floor(turn / capacity) * windowMs;
  };
  /** When a team that has its share can have this slot: once those that are kept fall free in time. */
  const sparedAt = (turn: number): number =>
    Math.max(...kept.map(({ slots, withinMs }) => slotFreesAt(turn + slots) - withinMs));
  const waitAt = (line: (typeof shares.own)[number], place: number): number => {
    const { turn, isOver } = shares.turnAt(line, place);
    const dueAt = paced ? Math.ceil((paceUs + turn * paced.stepUs) / 1000) : 0;
    const borrowedAt = Math.ceil((borrowUs + place * borrowing.stepUs) / 1000);
    const freesAt = Math.max(
      slotFreesAt(turn),
      isOver ? Math.max(sparedAt(turn), shares.isPaced ? borrowedAt : 0) : 0,
    );
    const servedAt = Math.max(freesAt, dueAt, heldUntil);
    return Math.max(1, servedAt - storeNow);
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
  const after = shares.close(storeNow + Math.min(...firstWaits));
  if (after) s.books.set(lane, after);
  else s.books.delete(lane);
  return { ...seen(), inUse: s.slots.size, teams };
};
