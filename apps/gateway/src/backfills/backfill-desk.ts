import type { Failure } from '@glasshouse/coinglass-client';
import {
  backfillIdForm,
  gapsOf,
  isOver,
  newBackfillId,
  type Backfill,
  type BackfillStore,
} from '@glasshouse/fetch-queue';
import type { Caller } from '../access/access.ts';
import type { Deciding } from '../asks/deciding.ts';
import { decideBackfill, depthOf, type BackfillAsk, type BackfillBody } from './backfill-ask.ts';
import {
  backfillView,
  gapsView,
  type BackfillView,
  type GapsView,
  type Quote,
} from './backfill-view.ts';
import {
  durationOf,
  requestsPerMs,
  requestsUntilDone,
  type BulkLane,
  type BulkLoad,
} from './finish-estimate.ts';
import { backfillUnknown, orderRefusals } from './order-refusals.ts';
import { digestOf } from './order-digest.ts';
import { reach } from './reach.ts';

export interface BackfillDeskParts {
  readonly store: BackfillStore;
  readonly instruments: Deciding['instruments'];
  readonly upstream: Deciding['upstream'];
  /** Why this endpoint may not be fetched now (a kill switch), if so. */
  readonly forbidden: (endpointId: string) => Promise<Failure | undefined>;
  /** Jobs on the shared queue that have not ended. */
  readonly jobsWaiting: () => Promise<number>;
  readonly lane: BulkLane;
  readonly now?: () => number;
}

type Team = Caller['team'];

/** For the instrument table, should it have to be fetched. */
const decideWithinMs = 15_000;

/** Quotes, orders and looks after backfills. Everything is in Redis: any gateway may be asked about any of them. */
export class BackfillDesk {
  readonly #parts: BackfillDeskParts & { readonly now: () => number };

  constructor(parts: BackfillDeskParts) {
    this.#parts = { now: Date.now, ...parts };
  }

  /** Rejects with a Failure. Costs no request but, at most, a new table of instruments. */
  async quote(body: BackfillBody, team: Team): Promise<{ quote: Quote; ask: BackfillAsk }> {
    const { instruments, upstream, forbidden, lane, now } = this.#parts;
    const startedAt = now();
    const ask = await decideBackfill(body, {
      upstream,
      instruments,
      now: startedAt,
      deadlineAt: startedAt + decideWithinMs,
    });
    const off = await forbidden(ask.endpoint.id);
    if (off) throw off;
    const load = await this.#load(team.id);
    const { interval, from, to, candles, pages, clipped, openUntil } = ask.plan;
    const durationMs = durationOf(pages, team.weight, load, lane);
    const quote = {
      asked: ask.asked,
      endpoint: ask.endpoint.id,
      params: ask.params,
      interval,
      from,
      to,
      candles,
      requests: pages,
      ...(clipped && { clipped }),
      ...(openUntil !== undefined && { openUntil }),
      ahead: requestsUntilDone(pages, team.weight, load) - pages,
      requestsPerMinute: Math.round(requestsPerMs(lane) * 60_000),
      durationMs,
      finishAt: now() + durationMs,
    };
    return { quote, ask };
  }

  /** Orders it; the same key and body is the same backfill. Rejects with a Failure. */
  async order(
    body: BackfillBody,
    team: Team,
    idempotencyKey: string | undefined,
  ): Promise<{ readonly known: boolean; readonly quote: Quote; readonly view: BackfillView }> {
    const { store, upstream, now } = this.#parts;
    const { quote, ask } = await this.quote(body, team);
    const { permitsPerMinute } = team;
    const id = newBackfillId(
      idempotencyKey === undefined ? undefined : { teamId: team.id, key: idempotencyKey },
    );
    const creating = await reach(
      store.create(
        {
          id,
          team: {
            id: team.id,
            weight: team.weight,
            ...(permitsPerMinute !== undefined && { permitsMax: permitsPerMinute }),
          },
          endpoint: ask.endpoint.id,
          asked: ask.asked,
          params: ask.params,
          plan: ask.plan,
          createdAt: now(),
        },
        { digest: digestOf(body), upstream },
      ),
    );
    const refusal = orderRefusals[creating]?.();
    if (refusal) throw refusal;
    const view = await this.view(await this.#existing(id));
    return { known: creating === 'known', quote, view };
  }

  /** Rejects with `job-unknown` for what is not there, and for what is another team's. */
  async find(id: string, caller: Caller): Promise<Backfill> {
    const backfill = await this.#existing(id);
    if (backfill.order.team.id !== caller.team.id && !caller.scopes.has('admin'))
      throw backfillUnknown();
    return backfill;
  }

  async list({ team }: Caller, atMost: number): Promise<BackfillView[]> {
    const found = await reach(this.#parts.store.list(team.id, atMost));
    return Promise.all(found.map((backfill) => this.view(backfill)));
  }

  async view(backfill: Backfill): Promise<BackfillView> {
    const now = this.#parts.now();
    return backfillView(backfill, now, await this.#etaAt(backfill, now));
  }

  async gaps(backfill: Backfill): Promise<GapsView> {
    const { store, upstream } = this.#parts;
    const { order } = backfill;
    const pages = await reach(store.pages(order.id));
    return gapsView(backfill, pages, gapsOf(order, pages, depthOf(order.plan, upstream)));
  }

  /** Ends it if it is under way; what is stored stays readable. */
  async cancel({ order }: Backfill): Promise<BackfillView> {
    await reach(this.#parts.store.end(order.id, 'cancelled'));
    return this.view(await this.#existing(order.id));
  }

  /** Takes up what is not stored: after a failure, a cancellation, or lost pages. */
  async resume({ order }: Backfill): Promise<BackfillView> {
    await reach(this.#parts.store.reopen(order.id));
    return this.view(await this.#existing(order.id));
  }

  async #existing(id: string): Promise<Backfill> {
    const backfill = backfillIdForm.test(id) ? await reach(this.#parts.store.find(id)) : undefined;
    if (!backfill) throw backfillUnknown();
    return backfill;
  }

  /** The slower of what the lane gives and what the pages so far took. */
  async #etaAt(backfill: Backfill, now: number): Promise<number | undefined> {
    const { order, done, lost, startedAt, lastPageAt, waiting } = backfill;
    if (isOver(backfill.state)) return undefined;
    const left = order.plan.pages - done - lost;
    const load = await this.#load(order.team.id, order.id);
    const byLane = durationOf(left, order.team.weight, load, this.#parts.lane);
    const soFar = done + lost;
    const byPace =
      soFar > 3 && startedAt !== undefined && lastPageAt !== undefined
        ? ((lastPageAt - startedAt) / soFar) * left
        : 0;
    return Math.round(Math.max(now, waiting?.until ?? 0) + Math.max(byLane, byPace));
  }

  async #load(teamId: string, except?: string): Promise<BulkLoad> {
    const { store, jobsWaiting } = this.#parts;
    const [active, jobs] = await reach(Promise.all([store.active(), jobsWaiting()]));
    const own: number[] = [];
    const others = new Map<string, { requests: number; weight: number }>();
    for (const { order, done, lost } of active) {
      if (order.id === except) continue;
      const requests = order.plan.pages - done - lost;
      if (order.team.id === teamId) own.push(requests);
      else {
        const other = others.get(order.team.id);
        const { weight } = order.team;
        others.set(order.team.id, { requests: requests + (other?.requests ?? 0), weight });
      }
    }
    return { own, others: [...others.values()], jobs };
  }
}
