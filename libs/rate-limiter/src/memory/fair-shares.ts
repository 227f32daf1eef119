import type { TeamDemand } from '../store.ts';

/** What is remembered of a lane while somebody waits in it; nothing when nobody does. */
export interface LaneBook {
  /**
   * Start-time fair queueing: each grant moves its team's tag on by one over its weight, and the lowest tag is served next. A team
   * that comes back starts where the waiting ones stand, so it has its share of what falls free from then on and no more.
   */
  readonly tags: ReadonlyMap<string, number>;
  readonly asks: readonly ProcessAsk[];
  /** Since when somebody has wanted more than their share without a break; store clock. */
  readonly lentSince: number | undefined;
}

/** What one process wants, until it asks again. */
export interface ProcessAsk {
  readonly prefix: string;
  /** It was told to ask again then, and slots that fall free are its own in its turn. */
  readonly comesAt: number;
  /** If it has not come by then it is taken for dead. */
  readonly until: number;
  readonly claims: readonly Claim[];
}

export interface Claim {
  readonly team: string;
  readonly weight: number;
  readonly count: number;
  /** Grants so far: the processes of one team take turns. */
  readonly served: number;
}

/** How late a process may be before its turn goes to others: event loops stall, networks delay. */
export const LATE_MAX_MS = 500;

export const emptyBook: LaneBook = { tags: new Map(), asks: [], lentSince: undefined };

/** One team among those who want slots of the lane: by how it ranks, and how many it wants now and in all. */
interface Rival {
  readonly team: string;
  readonly weight: number;
  start: number;
  ready: number;
  all: number;
}

export interface SharesInput {
  readonly book: LaneBook;
  readonly prefix: string;
  readonly demands: readonly TeamDemand[];
  readonly storeNow: number;
  readonly windowMs: number;
  readonly limit: number;
  readonly reserve: { readonly size: number; readonly never: number };
  /** Slots free for the lane now; under 0 when others fill its share. */
  readonly free: number;
  /** How many may go now by the lane's pace. */
  readonly due: number;
  /** Slots the team holds in lanes that are not paced, and in all. */
  readonly heldBy: (team: string) => number;
  readonly heldInAll: (team: string) => number;
}

const clamp = (value: number, most: number): number => Math.max(0, Math.min(value, most));

/** How many turns of a line, one each `1 / weight` from `from` on, come before `until`; a tie is won by whoever is `first`. */
const turnsBefore = (from: number, weight: number, until: number, first: boolean): number => {
  const turns = (until - from) * weight;
  return first ? Math.floor(turns) + 1 : Math.ceil(turns);
};

/** Who of those who want slots of a lane has them now, who next. A pure function of book, demands and what is free. */
export const shareOut = (input: SharesInput) => {
  const { book, prefix, demands, storeNow, windowMs, limit, reserve, free, due } = input;
  const { heldBy, heldInAll } = input;
  const others = book.asks.filter((ask) => ask.prefix !== prefix && ask.until >= storeNow);
  const before = book.asks.find((ask) => ask.prefix === prefix);
  const standing = [...others, ...(before ? [before] : [])].flatMap(({ claims }) => claims);
  const behindAll = standing.map(({ team }) => book.tags.get(team) ?? 0);
  const virtual = behindAll.length > 0 ? Math.min(...behindAll) : 0;

  const quotaOf = ({ team, permitsMax }: TeamDemand): number =>
    permitsMax === undefined ? Infinity : Math.max(0, permitsMax - heldInAll(team));
  const own = demands.map((demand) => {
    const rivals = others.flatMap(({ claims }) => claims).filter((c) => c.team === demand.team);
    const earlier = before?.claims.find(({ team }) => team === demand.team)?.served;
    const served =
      earlier ?? (rivals.length > 0 ? Math.min(...rivals.map((claim) => claim.served)) : 0);
    return { demand, ready: Math.min(demand.wanted, quotaOf(demand)), served, granted: 0 };
  });

  const rivals = new Map<string, Rival>();
  const rivalOf = (team: string, weight: number): Rival => {
    let rival = rivals.get(team);
    if (!rival) {
      const tag = standing.length > 0 ? (book.tags.get(team) ?? virtual) : virtual;
      rival = { team, weight, start: Math.max(virtual, tag), ready: 0, all: 0 };
      rivals.set(team, rival);
    }
    return rival;
  };
  for (const { demand, ready } of own) {
    if (ready + demand.later === 0) continue;
    const rival = rivalOf(demand.team, demand.weight);
    rival.ready += ready;
    rival.all += ready + demand.later;
  }
  for (const { comesAt, claims } of others) {
    for (const { team, weight, count } of claims) {
      const rival = rivalOf(team, weight);
      if (comesAt <= storeNow) rival.ready += count;
      rival.all += count;
    }
  }
  let weights = 0;
  for (const { weight } of rivals.values()) weights += weight;

  const lentMax = reserve.size - reserve.never;
  const lent =
    book.lentSince === undefined
      ? 0
      : clamp(Math.floor(((storeNow - book.lentSince) * reserve.size) / windowMs), lentMax);
  const heldBack = reserve.size - lent;
  const isOver = (team: string, weight: number, more: number): boolean =>
    reserve.size > 0 &&
    heldBy(team) + more >= Math.floor(((limit - reserve.size) * weight) / weights);
  const freeFor = (over: boolean): number => Math.min(due, over ? free - heldBack : free);

  /** Which of all turns from now on is the `place`-th of this own line, by the turns that rivals and fellow processes have before. */
  const turnOf = (line: (typeof own)[number], place: number, now: boolean): number => {
    const { team } = line.demand;
    let turn = place;
    for (const { prefix: other, comesAt, claims } of others) {
      if (now && comesAt > storeNow) continue;
      for (const claim of claims) {
        if (claim.team !== team) continue;
        const mine = line.served + place;
        turn += clamp(turnsBefore(claim.served, 1, mine, other < prefix), claim.count);
      }
    }
    const own = rivals.get(team);
    if (!own) return turn;
    const start = own.start + turn / own.weight;
    for (const rival of rivals.values()) {
      if (rival === own) continue;
      const most = now
        ? Math.min(rival.ready, freeFor(isOver(rival.team, rival.weight, 0)))
        : rival.all;
      turn += clamp(turnsBefore(rival.start, rival.weight, start, rival.team < team), most);
    }
    return turn;
  };

  let left = Math.min(due, free);
  for (const line of own) {
    const { team, weight } = line.demand;
    let granted = 0;
    while (granted < line.ready && left > 0) {
      if (turnOf(line, granted, true) >= freeFor(isOver(team, weight, granted))) break;
      granted += 1;
      left -= 1;
    }
    line.granted = granted;
  }
  for (const line of own) {
    const rival = rivals.get(line.demand.team);
    if (!rival) continue;
    rival.start += line.granted / rival.weight;
    rival.all -= line.granted;
    line.served += line.granted;
  }

  /** When a place of what is left of an own line is served: after how many other turns, with how many slots held back from it. */
  const turnAt = (line: (typeof own)[number], place: number) => {
    const turn = turnOf(line, place, false);
    const over = isOver(line.demand.team, line.demand.weight, line.granted);
    const lendAt =
      over && place === 0 && lent < lentMax
        ? (book.lentSince ?? storeNow) + Math.ceil(((lent + 1) * windowMs) / reserve.size)
        : Infinity;
    return { turn, held: over ? heldBack : 0, lendAt };
  };

  /** The book after this ask. `comesAt`: when the asker was told to come again, if anything of his is left. */
  const close = (comesAt: number): LaneBook | undefined => {
    const claims = own
      .map(({ demand, ready, granted, served }) => ({
        team: demand.team,
        weight: demand.weight,
        count: ready - granted + demand.later,
        served,
      }))
      .filter(({ count }) => count > 0);
    const asks =
      claims.length > 0
        ? [...others, { prefix, comesAt, until: comesAt + LATE_MAX_MS, claims }]
        : others;
    if (asks.length === 0) return undefined;
    const waiting = new Set(asks.flatMap((ask) => ask.claims.map(({ team }) => team)));
    let floor = Infinity;
    for (const { team, start } of rivals.values()) {
      if (waiting.has(team)) floor = Math.min(floor, start);
    }
    const tags = new Map<string, number>();
    for (const [team, tag] of book.tags) {
      if (standing.length > 0 && !rivals.has(team) && tag > floor) tags.set(team, tag - floor);
    }
    let over = false;
    for (const { team, weight, start } of rivals.values()) {
      if (waiting.has(team) || start > floor) tags.set(team, start - floor);
      const granted = own.find(({ demand }) => demand.team === team)?.granted ?? 0;
      if (waiting.has(team) && isOver(team, weight, granted)) over = true;
    }
    return { tags, asks, lentSince: over ? (book.lentSince ?? storeNow) : undefined };
  };

  return { own, turnAt, close };
};
