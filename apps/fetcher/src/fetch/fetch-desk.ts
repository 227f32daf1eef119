import {
  abandonable,
  acceptedIntervals,
  climb,
  entitlement,
  Failure,
  findEndpoint,
  isFailure,
  isInterval,
  planInterval,
  withInterval,
  type Climbed,
  type Endpoint,
  type Interval,
  type Params,
  type TeamShare,
} from '@glasshouse/coinglass-client';
import {
  askedParams,
  Instruments,
  instrumentsEndpoint,
  type AnswerStore,
} from '@glasshouse/fetch-queue';
import type { Arm } from '@glasshouse/flags';
import {
  AnswerFetch,
  type AnswerFetchParts,
  type Obtained,
  type Question,
} from './answer-fetch.ts';
import type { Fetched, FetchOrder, Lane } from './fetch-order.ts';
import { reachStore } from './reach-store.ts';
import { countSpending, permitsSpent, vendorSigns } from './spending.ts';

/** As long as a refused interval is remembered, an answer with the next one lies where it was asked. */
const pointerForMs = 600_000;

/** For fetching the instrument table, which no single order's end may stop: others wait for it, too. */
const tableDeadlineMs = 60_000;

/** What the house needs for everybody is on nobody's account. */
const houseTeam: TeamShare = { id: 'house', weight: 1 };

export interface FetchDeskParts extends Omit<
  AnswerFetchParts,
  'store' | 'now' | 'lockMs' | 'lookAgainMs'
> {
  readonly store: AnswerFetchParts['store'] & Pick<AnswerStore, 'read' | 'point'>;
  /** Why this endpoint may not be fetched now (a kill switch), if so. */
  readonly forbidden: (endpointId: string) => Promise<Failure | undefined>;
  /** The arm of what is fetched for everybody; see `standingArm`. */
  readonly standing?: () => Promise<Arm>;
  /** Where to go on when an interval is refused; without it at the next one. */
  readonly fallbackStart?: (refused: Interval) => Promise<Interval | undefined>;
  readonly now?: () => number;
  readonly lockMs?: number;
  readonly lookAgainMs?: number;
}

/**
 * Turns an order into a stored answer: decides everything that costs nothing first, then asks, climbing to a wider interval
 * where the vendor refuses one. Knows nothing of queues; what becomes of the job is decided elsewhere.
 */
export class FetchDesk {
  readonly #parts: FetchDeskParts & Pick<AnswerFetchParts, 'now'>;
  readonly #answers: AnswerFetch;
  readonly #instruments: Instruments<FetchOrder>;
  readonly #tableRenewals = new Map<Lane, Promise<unknown>>();

  constructor(parts: FetchDeskParts) {
    const now = parts.now ?? Date.now;
    this.#parts = { ...parts, now };
    this.#answers = new AnswerFetch({ lockMs: 15_000, lookAgainMs: 100, ...parts, now });
    const tableKey = this.#answers.keyOf({ endpoint: instrumentsEndpoint, params: {} });
    this.#instruments = new Instruments({
      read: () => parts.store.read(tableKey, 'house'),
      // Not what a canary fetched that is no longer settled.
      serves: async ({ arm }) => arm === undefined || (await this.#standing()) === 'canary',
      renew: ({ lane, signal }) => abandonable(this.#renewTable(lane), signal),
      bounded: (reading, { signal }) => abandonable(reading, signal),
      now,
    });
  }

  /** Rejects with a `Failure`, with `Postponed` (nothing is lost, come back later), or with the reason of the order's signal. */
  async fetch(order: FetchOrder): Promise<Fetched> {
    const endpoint = findEndpoint(order.endpoint);
    if (isFailure(endpoint)) throw endpoint;
    const refused =
      entitlement(endpoint, this.#parts.upstream.plan) ??
      (await this.#parts.forbidden(endpoint.id));
    if (refused) throw refused;
    return this.#untilDeadline(order, (bounded) =>
      countSpending(async () => {
        const question = await this.#ask(endpoint, bounded);
        try {
          return await this.#obtain(question, bounded);
        } finally {
          order.onSpent?.(permitsSpent());
        }
      }),
    );
  }

  /** The deadline bounds all waiting, also that for the store and for somebody else's fetch. */
  async #untilDeadline<T>(
    order: FetchOrder,
    work: (bounded: FetchOrder) => Promise<T>,
  ): Promise<T> {
    const leftMs = order.deadlineAt - this.#parts.now();
    order.signal.throwIfAborted();
    if (leftMs <= 0) throw deadlinePassed();
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(deadlinePassed()), leftMs);
    try {
      return await work({ ...order, signal: AbortSignal.any([order.signal, deadline.signal]) });
    } finally {
      clearTimeout(timer);
    }
  }

  /** What the order asks the vendor, at an interval that the plan has. */
  async #ask(endpoint: Endpoint, order: FetchOrder): Promise<Question> {
    const params = await askedParams(endpoint, order, (lookup) =>
      this.#instruments.lookUp(lookup, order),
    );
    const asked = params['interval'];
    if (!isInterval(asked)) return { endpoint, params };
    const { plan } = this.#parts.upstream;
    const { interval } = planInterval({ endpoint, plan, asked, strict: order.strict });
    return { endpoint, params: atInterval(params, interval) };
  }

  async #obtain(question: Question, asked: FetchOrder): Promise<Fetched> {
    const order = mayHandOver(asked) ? asked : lookedFor(asked);
    const { arm } = order;
    const askedKey = this.#answers.keyOf(question, order);
    const { result, fallback } = await this.#climb(question, order);
    const { facts, data } = result;
    if (fallback) {
      const until = this.#parts.now() + pointerForMs;
      const pointer = { servedKey: facts.key, fallback, until, ...(arm === 'canary' && { arm }) };
      const pointing = this.#parts.store.point(askedKey, pointer);
      await reachStore(pointing, order.signal);
    }
    return {
      askedKey,
      facts,
      ...(data && { data }),
      permits: permitsSpent(),
      signs: vendorSigns(),
      ...(fallback && { fallback }),
    };
  }

  async #climb(
    { endpoint, params }: Question,
    order: FetchOrder,
  ): Promise<Pick<Climbed<Obtained>, 'result' | 'fallback'>> {
    const start = params['interval'];
    const client = order.arm === 'canary' ? this.#parts.upstream.canary : undefined;
    const own = client?.endpoint(endpoint) ?? endpoint;
    if (!isInterval(start))
      return { result: await this.#answers.obtain({ endpoint, params }, order) };
    const accepted = acceptedIntervals(own);
    const maxSteps = order.strict
      ? 0
      : order.lane === 'probe'
        ? Math.min(1, client?.maxSteps ?? 1)
        : client?.maxSteps;
    const goOnAt = await this.#parts.fallbackStart?.(start);
    const at = (interval: typeof start): Question => ({
      endpoint,
      params: atInterval(params, interval),
    });
    return climb({
      endpoint: own,
      start,
      ...(maxSteps !== undefined && { maxSteps }),
      ...(goOnAt && { goOnAt }),
      ...(client?.rungs && { rungs: client.rungs }),
      attempt: async (interval) => {
        if (!accepted.includes(interval)) throw notAskedFor(endpoint, interval);
        return this.#answers.obtain(at(interval), interval === start ? order : lookedFor(order));
      },
    });
  }

  async #standing(): Promise<Arm> {
    return (await this.#parts.standing?.()) ?? 'baseline';
  }

  /** One at a time in each lane: nobody waits for the permit of a lane that has to wait longer. */
  #renewTable(lane: Lane): Promise<unknown> {
    const renewal =
      this.#tableRenewals.get(lane) ??
      this.#fetchTable(lane).finally(() => this.#tableRenewals.delete(lane));
    this.#tableRenewals.set(lane, renewal);
    return renewal;
  }

  async #fetchTable(lane: Lane): Promise<unknown> {
    return this.fetch({
      endpoint: instrumentsEndpoint.id,
      strict: false,
      lane,
      arm: await this.#standing(),
      team: houseTeam,
      deadlineAt: this.#parts.now() + tableDeadlineMs,
      signal: new AbortController().signal,
    });
  }
}

/** A check looks at what the store has, and what a canary on trial fetched lies where nobody asks for it. */
const mayHandOver = ({ lane, onTrial = false }: FetchOrder): boolean =>
  lane !== 'probe' && !onTrial;

/** Its answer is looked for in the store, and so has to be there. */
const lookedFor = (order: FetchOrder): FetchOrder => ({ ...order, handsOver: false });

/** As the vendor's own refusal: the climb knows what to do with it. */
const notAskedFor = ({ id }: Endpoint, interval: string): Failure =>
  new Failure('interval-not-available', `${id} is not asked for at ${interval} by the canary`);

/** The same params at the interval they have already are not touched: the key must stay the asker's. */
const atInterval = (params: Params, interval: Parameters<typeof withInterval>[1]): Params =>
  params['interval'] === interval ? params : withInterval(params, interval);

const deadlinePassed = (): Failure =>
  new Failure('deadline-passed', 'The deadline passed before the answer was there');
