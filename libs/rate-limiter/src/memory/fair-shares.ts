import { LIMIT_PER_SHORTFALL } from '../lanes.ts';
import type { TeamDemand } from '../store.ts';

/** What is remembered of a lane while somebody waits in it; nothing when nobody does. */
export interface LaneBook {
  /**
   * Start-time fair queueing: each grant moves its team's tag on by one over its weight, and the lowest tag is served next. A team
   * that comes back starts where the waiting ones stand, so it has its share of what falls free from then on and no more.
   */
  readonly tags: ReadonlyMap<string, number>;
  readonly asks: readonly ProcessAsk[];
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

export const emptyBook: LaneBook = { tags: new Map(), asks: [] };

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
  readonly limit: number;
  /** Slots that are in nobody's share; none in a paced lane, whose slots fall free all the time. */
  readonly reserved: number;
  /** Slots free for the lane now; under 0 when others fill its share. */
  readonly free: number;
  /** How many may go now by the lane's pace. */
  readonly due: number;
  /** How many of the free ones a team over its share may have beside what is kept; and by its pace, while another is short of its share. */
  readonly spare: number;
  readonly borrowable: number;
  /** Teams that asked a short while ago, with their weights. */
  readonly recent: ReadonlyMap<string, number>;
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
  const { book, prefix, demands, storeNow, limit, reserved, free, due } = input;
  const { borrowable, recent, heldBy, heldInAll } = input;
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
  const weightOf = new Map(recent);
  for (const { team, weight } of rivals.values()) weightOf.set(team, weight);
  const weights = [...weightOf.values()].reduce((sum, weight) => sum + weight, 0);
  const shareOf = (weight: number): number => Math.floor(((limit - reserved) * weight) / weights);
  const isOver = (team: string, weight: number, more: number): boolean =>
    reserved > 0 && heldBy(team) + more >= shareOf(weight);
  const shortBy = Math.floor(limit / LIMIT_PER_SHORTFALL);
  const isPaced =
    reserved > 0 &&
    [...weightOf].some(([team, weight]) => shareOf(weight) - heldBy(team) > shortBy);
  const spare = isPaced ? Math.min(input.spare, borrowable) : input.spare;
  const freeFor = (over: boolean): number => Math.min(due, over ? spare : free);

  /** A team that comes back has its first slots, as many as the reserve, before those who hold as many already. */
  const firstOf = (team: string, weight: number): number =>
    reserved > 0 ? Math.max(0, Math.min(reserved, shareOf(weight)) - heldBy(team)) : 0;

  /** How many turns a rival has before a turn of somebody else: at its most, whose tag is `start`. */
  const turnsOfRival = (
    rival: Rival,
    team: string,
    start: number,
    now: boolean,
    isFirst: boolean,
  ) => {
    const first = firstOf(rival.team, rival.weight);
    if (isFirst && first === 0) return 0;
    const servable = freeFor(isOver(rival.team, rival.weight, 0));
    const most = now ? Math.min(rival.ready, servable) : rival.all;
    const before = turnsBefore(rival.start, rival.weight, start, rival.team < team);
    return Math.max(clamp(before, most), isFirst ? 0 : Math.min(first, most));
  };

  /** Which of all turns from now on is the `place`-th of this own line, by the turns that rivals and fellow processes have before. */
  const turnOf = (line: (typeof own)[number], place: number, now: boolean) => {
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
    const isFirst = turn < firstOf(team, own.weight);
    const start = own.start + turn / own.weight;
    for (const rival of rivals.values()) {
      if (rival !== own) turn += turnsOfRival(rival, team, start, now, isFirst);
    }
    return turn;
  };

  let left = Math.min(due, free);
  let borrowed = 0;
  for (const line of own) {
    const { team, weight } = line.demand;
    let granted = 0;
    while (granted < line.ready && left > 0) {
      const over = isOver(team, weight, granted);
      if (turnOf(line, granted, true) >= freeFor(over)) break;
      if (over) borrowed += 1;
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

  /** After how many other turns a place of what is left of an own line is served, and whether it is over its team's share. */
  const turnAt = (line: (typeof own)[number], place: number) => {
    const over = isOver(line.demand.team, line.demand.weight, line.granted + place);
    return { turn: turnOf(line, place, false), isOver: over };
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
    for (const { team, start } of rivals.values()) {
      if (waiting.has(team) || start > floor) tags.set(team, start - floor);
    }
    return { tags, asks };
  };

  return { own, borrowed: isPaced ? borrowed : 0, isPaced, turnAt, close };
};
