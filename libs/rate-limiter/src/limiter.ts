import { randomUUID } from 'node:crypto';
import { createLaneQueue, type LaneQueue, type SlotOffer } from './lane-queue.ts';
import { isLane, lanes, type Lane } from './lanes.ts';
import { createPermit } from './permit.ts';
import {
  RateLimiterUnavailable,
  type Permit,
  type RateLimiter,
  type RateLimiterEvent,
  type TeamShare,
} from './rate-limiter.ts';
import { throttleCause } from './throttle-cause.ts';
import { createSettlementPost } from './settlement-post.ts';
import { createSettlements, type Slot } from './settlements.ts';
import {
  accountOf,
  slotIdOf,
  type PermitStore,
  type Seen,
  type TeamDemand,
  type Terms,
} from './store.ts';
import { afterDelay, within, type After } from './timing.ts';

export interface LimiterOptions {
  /** Requests per window this process is configured for. */
  readonly limit: number;
  /** The vendor's window; the same in all processes of a store. */
  readonly windowMs?: number;
  /**
   * A request arrives at the vendor at most this long after its grant, or never. Longer than `permitMaxAgeMs` and the
   * longest attempt together; the same in all processes of a store.
   */
  readonly leaseMs?: number;
  readonly permitMaxAgeMs?: number;
  /**
   * How long a settlement that frees its slot only a window later may wait for a grant to travel with. By default 20 ms of a minute:
   * so much of the limit it may cost.
   */
  readonly settlementRideMs?: number;
  /** Monotonic, ms. */
  readonly now?: () => number;
  /** Epoch ms. */
  readonly date?: () => number;
  readonly random?: () => number;
  readonly after?: After;
  readonly onEvent?: (event: RateLimiterEvent) => void;
  /** Names this process in the store, and no other there ever was. Drawn unless given, which only a simulation should. */
  readonly processName?: string;
}

const CLOSE_MAX_MS = 1_000;

const RIDE_MAX_MS = 20;
const WINDOW_PER_RIDE = 3_000;

/** Without the members that are `undefined`. */
const present = <T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as never;

function mustBe(holds: boolean, demand: string): asserts holds {
  if (!holds) throw new RangeError(`the rate limiter needs ${demand}`);
}

const checkTeam = ({ id, weight, permitsMax }: TeamShare): void => {
  mustBe(/^[\w-]{1,64}$/.test(id), 'a team id of 1 to 64 letters, digits, - or _');
  mustBe(Number.isSafeInteger(weight) && weight >= 1 && weight <= 100, 'a weight from 1 to 100');
  const bounded = permitsMax === undefined || (Number.isSafeInteger(permitsMax) && permitsMax >= 0);
  mustBe(bounded, 'permitsMax, an integer of at least 0, or none');
};

/**
 * The limiter of one process: collects what this process asks and settles, and carries it to the store in few, small
 * steps. What is granted, and when, is the store's decision alone.
 */
export const createLimiter = (store: PermitStore, options: LimiterOptions): RateLimiter => {
  const { limit: configuredLimit, windowMs = 60_000, leaseMs = 30_000 } = options;
  const { permitMaxAgeMs = 2_000, random = Math.random, after = afterDelay, onEvent } = options;
  const { settlementRideMs: rideMs = Math.min(RIDE_MAX_MS, windowMs / WINDOW_PER_RIDE) } = options;
  const now = options.now ?? (() => performance.now());
  const date = options.date ?? options.now ?? Date.now;
  mustBe(Number.isSafeInteger(configuredLimit) && configuredLimit >= 1, 'limit, an integer over 0');
  mustBe(Number.isSafeInteger(windowMs) && windowMs >= 1, 'windowMs, an integer over 0');
  mustBe(Number.isSafeInteger(leaseMs) && leaseMs >= 1, 'leaseMs, an integer over 0');
  mustBe(permitMaxAgeMs > 0 && permitMaxAgeMs < leaseMs, 'permitMaxAgeMs over 0 and under leaseMs');

  const prefix = options.processName ?? randomUUID();
  const slots = new WeakMap<Permit, Slot>();
  const settlements = createSettlements();
  let nextId = 1;
  let flagLimit: number | undefined;
  let witness = { epoch: 0, seq: 0 };
  let limitSeen: number | undefined;
  /** When a refusal or a pause was last heard of, on the process's clock. */
  let stopHeardAt = -Infinity;
  let closed = false;

  const terms = (): Terms => ({ windowMs, leaseMs, configuredLimit, flagLimit, witness });

  /** In a microtask, so that a listener that throws does it in its own name and breaks nothing here. */
  const tell = (event: RateLimiterEvent): void => {
    if (onEvent) queueMicrotask(() => onEvent(event));
  };

  const observe = <T extends Seen>(seen: T): T => {
    witness = { epoch: seen.epoch, seq: seen.seq };
    if (seen.lostForMs > 0) tell({ kind: 'state-lost', blockedForMs: seen.lostForMs });
    if (seen.foreignAdded > 0) tell({ kind: 'foreign-use', requests: seen.foreignAdded });
    const from = limitSeen ?? configuredLimit;
    if (from !== seen.limit) tell({ kind: 'limit-changed', from, to: seen.limit });
    limitSeen = seen.limit;
    return seen;
  };

  const reach = async <T>(operation: string, answer: Promise<T>): Promise<T> => {
    try {
      return await answer;
    } catch (cause) {
      throw new RateLimiterUnavailable(`${operation}: the permit store does not answer`, { cause });
    }
  };

  /** The ids that a grant may take for each demand. */
  const drawIds = (lane: Lane, demands: readonly TeamDemand[]): string[][] =>
    demands.map(({ team, wanted }) => {
      const from = nextId;
      nextId += wanted;
      return Array.from({ length: wanted }, (_, index) =>
        slotIdOf(accountOf(team, lane), prefix, from + index),
      );
    });

  const ask = async (lane: Lane, demands: readonly TeamDemand[]): Promise<SlotOffer> => {
    const askedAt = now();
    const isFresh = (): boolean => now() - askedAt < permitMaxAgeMs && askedAt > stopHeardAt;
    const firstId = nextId;
    const ids = drawIds(lane, demands);
    const batch = settlements.drain();
    post.carried();
    try {
      const answer = store.grant(terms(), { prefix, firstId, lane, demands }, batch);
      const tooLate = () =>
        new Error(`no answer in ${permitMaxAgeMs} ms: a permit would be too old`);
      const granted = observe(await reach('take', within(answer, permitMaxAgeMs, after, tooLate)));
      if (granted.teams.some(({ because }) => because === 'pause')) stopHeardAt = now();
      const { storeNow: grantedAt, epoch, inUse, seq } = granted;
      return {
        teams: granted.teams,
        slotMs: windowMs / granted.limit,
        permit(demand, index, request, waitedMs) {
          const id = ids[demand]?.[index] ?? '';
          const slot = { id, grantedAt, epoch, inUseLessSeq: inUse - seq };
          const permit = createPermit({ slot, request, waitedMs, isFresh, settle });
          slots.set(permit, slot);
          return permit;
        },
        giveBack: (demand, from) =>
          giveBack(ids[demand]?.slice(from, granted.teams[demand]?.granted) ?? []),
      };
    } catch (unavailable) {
      // It may have granted all the same: what is given back twice, or was never taken, is no harm.
      settlements.restore(batch);
      giveBack(ids.flat());
      throw unavailable;
    }
  };

  const queues = Object.fromEntries(
    Object.keys(lanes).map((lane) => [
      lane,
      createLaneQueue({ ask: (demands) => ask(lane as Lane, demands), now, date, after }),
    ]),
  ) as Record<Lane, LaneQueue>;

  const wakeAll = (): void => Object.values(queues).forEach((queue) => queue.wake());

  const post = createSettlementPost({
    settlements,
    deliver: async (batch) => void observe(await store.settle(terms(), batch)),
    someoneWaits: () => Object.values(queues).some((queue) => queue.isSleeping()),
    wakeAll,
    rideMs,
    after,
  });

  const settle: Parameters<typeof createPermit>[0]['settle'] = (slot, settlement) => {
    if (closed) return;
    settlements.add(slot, settlement);
    post.schedule();
  };

  const giveBack = (ids: readonly string[]): void => {
    settlements.giveBack(ids);
    post.schedule();
  };

  return {
    async start() {
      const announcement = { configured: configuredLimit };
      observe(await reach('start', store.announce(terms(), announcement)));
    },
    async take(request) {
      if (closed) throw new RateLimiterUnavailable('take: the limiter is closed');
      mustBe(isLane(request.lane), `a lane, one of ${Object.keys(lanes).join(', ')}`);
      checkTeam(request.team);
      return queues[request.lane].take(request);
    },
    async pause(permit, retryAfterMs, told = {}) {
      stopHeardAt = now();
      const slot = slots.get(permit);
      const grantedAt = slot?.grantedAt;
      const wait = Number.isFinite(retryAfterMs) ? Math.ceil(retryAfterMs as number) : undefined;
      const pausing = store.pause(terms(), { grantedAt, retryAfterMs: wait, random: random() });
      const paused = observe(await reach('pause', pausing));
      const { resumesInMs, lengthened, inUse, foreign, limit } = paused;
      const { vendorAllows, takenSinceLowered } = paused;
      const own = inUse - foreign;
      // In use at the grant, and taken since.
      const takenThen = slot?.epoch === paused.epoch ? slot.inUseLessSeq + paused.seq - foreign : 0;
      const ownThen = Math.max(own, takenThen);
      const known = { own, ownThen, foreign, limit, vendorAllows, takenSinceLowered };
      const cause = throttleCause(known, told);
      const { team, lane } = permit;
      const ledger = { own, foreign, limit, toldUsed: told.used, toldLimit: told.limit };
      tell({ kind: 'throttled', team, lane, resumesInMs, cause, ...present(ledger) });
      if (lengthened) tell({ kind: 'paused', resumesInMs });
      return { resumesInMs, cause };
    },
    async setFlagLimit(limit) {
      const fits = limit === undefined || (Number.isSafeInteger(limit) && limit >= 1);
      mustBe(fits, 'a flag limit that is an integer over 0, or none');
      flagLimit = limit;
      observe(await reach('setFlagLimit', store.announce(terms(), { flag: limit })));
      wakeAll();
    },
    status: () => reach('status', store.status(terms())),
    async declareEpoch() {
      observe(await reach('declareEpoch', store.declareEpoch(terms())));
      wakeAll();
    },
    async close() {
      closed = true;
      const refusal = new RateLimiterUnavailable('the limiter is closed');
      const quiet = Promise.all(Object.values(queues).map((queue) => queue.close(refusal)));
      const flushed = quiet.then(() => post.close());
      await within(flushed, CLOSE_MAX_MS, after, () => refusal).catch(() => undefined);
    },
  };
};
