import type { Permit, PermitRequest, PermitWait, TeamShare } from './rate-limiter.ts';
import { waitPlaces, type TeamDemand, type TeamGrant } from './store.ts';

/** As many permits as one team is asked for at once; it bounds the time one script holds the store. */
const BATCH_MAX = 64;
/** How long an answer "nothing free before …" is repeated to newcomers without asking again. */
const OUTLOOK_TRUSTED_MS = 1_000;
/** Who was told to come back and is this late is waited for no longer: another process has the job, or nobody. */
const RETURN_LATE_MS = 1_000;
const RETURNING_MAX = 4_096;

export interface Waiter {
  readonly request: PermitRequest;
  /** Epoch ms; orders the line. */
  readonly since: number;
  readonly askedAt: number;
  readonly giveUpAt: number;
  readonly resolve: (taken: Permit | PermitWait) => void;
  readonly reject: (reason: unknown) => void;
}

interface Returning {
  readonly since: number;
  readonly until: number;
}

interface Outlook {
  readonly toldAt: number;
  readonly places: readonly number[];
  readonly waitsMs: readonly number[];
  readonly because: PermitWait['because'];
  /** The mean time between two slots. */
  readonly slotMs: number;
}

/**
 * Those of one process and team who wait in one lane, the older first, with those who were told to come back keeping their place; and
 * what the store last said of their waits.
 */
export class TeamLine {
  readonly waiters: Waiter[] = [];
  readonly #returning = new Map<string, Returning>();
  readonly #now: () => number;
  #team: TeamShare;
  #outlook: Outlook | undefined;

  constructor(team: TeamShare, now: () => number) {
    this.#team = team;
    this.#now = now;
  }

  /** Weight and quota may change; what was told last counts. */
  set team(team: TeamShare) {
    this.#team = team;
  }

  get knowsWaits(): boolean {
    return this.#outlook !== undefined;
  }

  get isEmpty(): boolean {
    this.#forgetTheLate();
    return this.waiters.length === 0 && this.#returning.size === 0;
  }

  demand(): TeamDemand {
    this.#forgetTheLate();
    const { id: team, weight, permitsMax } = this.#team;
    const wanted = Math.min(this.waiters.length, BATCH_MAX);
    const later = this.waiters.length - wanted + this.#returning.size;
    return { team, weight, permitsMax, wanted, later };
  }

  /** Takes in what the store answered: gives those who are served, in their order. `isOutdated`: the waits are, already. */
  serve(
    { granted, because, waiting, waitsMs }: TeamGrant,
    { isOutdated, slotMs }: { readonly isOutdated: boolean; readonly slotMs: number },
  ): Waiter[] {
    const told = waitsMs.length > 0 && !isOutdated;
    const places = waitsMs.length === 1 ? [0] : waitPlaces(waiting);
    this.#outlook = told ? { toldAt: this.#now(), places, waitsMs, because, slotMs } : undefined;
    return this.waiters.splice(0, granted);
  }

  /** Puts a waiter in its place. */
  join(waiter: Waiter): void {
    const behind = this.waiters.findIndex(({ since }) => since > waiter.since);
    this.waiters.splice(behind < 0 ? this.waiters.length : behind, 0, waiter);
  }

  leave(waiter: Waiter): void {
    const place = this.waiters.indexOf(waiter);
    if (place >= 0) this.waiters.splice(place, 1);
  }

  /** Whoever comes back need not be expected any more. */
  arrived({ turn }: PermitRequest): void {
    if (turn) this.#returning.delete(turn.id);
  }

  /** Undefined when a newcomer of this age may wait that long; else what it is told. */
  refusal(request: PermitRequest, since: number): PermitWait | undefined {
    const ahead = this.waiters.filter((each) => each.since <= since).length;
    return this.#refusalAt(ahead + this.#returningBefore(since), request, request.waitMaxMs);
  }

  /** Takes those out of the line who will not be served before they give up, each with what it is told. */
  refuseThoseInAHurry(): (readonly [Waiter, PermitWait])[] {
    if (!this.#outlook) return [];
    const refused: (readonly [Waiter, PermitWait])[] = [];
    const inLine = this.waiters.map((waiter, ahead) => ({
      waiter,
      place: ahead + this.#returningBefore(waiter.since),
    }));
    for (const { waiter, place } of inLine) {
      const wait = this.#refusalAt(place, waiter.request, waiter.giveUpAt - this.#now());
      if (!wait) continue;
      this.leave(waiter);
      refused.push([waiter, wait]);
    }
    return refused;
  }

  /** In how many ms the first waiter is served at the earliest; 0 when nothing is known. */
  firstWaitMs(): number {
    const [first] = this.waiters;
    return first ? this.#waitMsAt(this.#returningBefore(first.since)) : 0;
  }

  /** What the store said last no longer holds. */
  forget(): void {
    this.#outlook = undefined;
  }

  forgetOldOutlook(): void {
    if (this.#outlook && this.#now() - this.#outlook.toldAt > OUTLOOK_TRUSTED_MS) this.forget();
  }

  #refusalAt(place: number, request: PermitRequest, patienceMs: number): PermitWait | undefined {
    if (!this.#outlook) return undefined;
    const waitMs = this.#waitMsAt(place);
    if (waitMs <= patienceMs) return undefined;
    const { turn, waitMaxMs } = request;
    const waitedMs = waitMaxMs - patienceMs;
    const returns = turn && waitMs < (turn.withinMs ?? Infinity) - waitedMs;
    if (returns && this.#returning.size < RETURNING_MAX) {
      const until = this.#now() + waitMs + RETURN_LATE_MS;
      this.#returning.set(turn.id, { since: turn.since, until });
    }
    return { waitMs, because: this.#outlook.because };
  }

  #returningBefore(since: number): number {
    let before = 0;
    for (const returning of this.#returning.values()) if (returning.since < since) before += 1;
    return before;
  }

  #forgetTheLate(): void {
    for (const [id, { until }] of this.#returning) {
      if (until < this.#now()) this.#returning.delete(id);
    }
  }

  /** Between two places that were told the wait is taken to grow evenly, and behind the last one by the limit's own pace. */
  #waitMsAt(place: number): number {
    if (!this.#outlook) return 0;
    const { toldAt, places, waitsMs, slotMs } = this.#outlook;
    const after = places.findIndex((told) => told >= place);
    const from = after < 0 ? places.length - 1 : Math.max(0, after - 1);
    const [placeFrom = 0, placeTo = 0] = [places[from], places[after]];
    const [waitFrom = 0, waitTo = 0] = [waitsMs[from], waitsMs[after]];
    const perPlaceMs =
      placeTo > placeFrom ? (waitTo - waitFrom) / (placeTo - placeFrom) : after < 0 ? slotMs : 0;
    const waitMs = waitFrom + (place - placeFrom) * perPlaceMs;
    return Math.max(0, Math.ceil(toldAt + waitMs - this.#now()));
  }
}
