import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  Failure,
  freshness,
  isFailure,
  refusalKeysFor,
  refusalOf,
  rowFacts,
  type Call,
  type Endpoint,
  type FailureRecord,
  type Page,
  type Plan,
  type RefusalMemory,
} from '@glasshouse/coinglass-client';
import {
  answerKeyOf,
  mayBeHanded,
  type AnswerData,
  type AnswerFacts,
  type AnswerStore,
  type Putting,
} from '@glasshouse/fetch-queue';
import type { Arm } from '@glasshouse/flags';
import type { CanaryClient } from '../arms/canary-client.ts';
import type { FetchOrder } from './fetch-order.ts';
import { reachStore } from './reach-store.ts';
import { permitsSpent } from './spending.ts';

/** One question to the vendor, as it would be sent. */
export interface Question {
  readonly endpoint: Endpoint;
  /** Canonical. */
  readonly params: Readonly<Record<string, string>>;
}

/** Whom this fetcher asks, and under which plan. */
export interface FetchUpstream {
  readonly origin: string;
  readonly plan: Plan;
  readonly source: 'coinglass' | 'custom';
  /** False in production: there an answer of the sandbox is a failure. */
  readonly sandboxAllowed: boolean;
  /** Absent: the same client as the baseline. */
  readonly canary?: CanaryTerms;
}

/** What the desk needs to know of the canary. */
export interface CanaryTerms extends Pick<
  CanaryClient,
  'digest' | 'maxSteps' | 'rungs' | 'endpoint'
> {
  readonly source: FetchUpstream['source'];
}

export interface AnswerFetchParts {
  readonly upstream: FetchUpstream;
  readonly store: Pick<AnswerStore, 'begin' | 'put' | 'renew' | 'release'>;
  readonly refusals: RefusalMemory;
  /** The canary's own: what one client is refused says nothing of the other. Absent: the same. */
  readonly canaryRefusals?: RefusalMemory;
  readonly pipeline: (call: Call) => Promise<Page>;
  /** Told of an answer that was handed over and then could not be stored. */
  readonly onNotStored: (facts: AnswerFacts, why: unknown) => void;
  readonly now: () => number;
  /** A fetch holds its key's lock for this long at a time; who dies holding it blocks the key no longer. */
  readonly lockMs: number;
  /** How often to look whether somebody else's fetch of the same key has ended. */
  readonly lookAgainMs: number;
}

/** `data`: as in `Fetched`. */
export interface Obtained {
  readonly facts: AnswerFacts;
  readonly data?: AnswerData;
}

interface Locked {
  readonly key: string;
  readonly token: string;
  /** A refusal of this question that is remembered. */
  readonly refused: FailureRecord | undefined;
}

/**
 * Brings the answer to exactly one question into the store: by finding it there, by waiting for whoever is fetching it already,
 * or by fetching it. So a question is sent once, whichever queues and processes it comes through. Never widens an interval.
 */
export class AnswerFetch {
  readonly #parts: AnswerFetchParts;

  constructor(parts: AnswerFetchParts) {
    this.#parts = parts;
  }

  /** The common place of the answer; of a canary on trial, a place of its own. */
  keyOf({ endpoint, params }: Question, order?: Pick<FetchOrder, 'onTrial'>): string {
    const { origin, plan, canary } = this.#parts.upstream;
    const onTrial = order?.onTrial ? `canary ${canary?.digest ?? 'same'}` : undefined;
    return answerKeyOf({ origin, plan, endpoint: endpoint.id, params, onTrial });
  }

  /** Rejects with a `Failure`, with `Postponed`, or with the reason of the order's signal. */
  async obtain(question: Question, order: FetchOrder): Promise<Obtained> {
    const { store, lockMs, lookAgainMs } = this.#parts;
    const { signal } = order;
    const key = this.keyOf(question, order);
    const token = randomUUID();
    for (let { notBefore = 0 } = order; ;) {
      // Asked in one breath: each round trip of its own would be felt by who waits.
      const begin = store.begin(key, { token, lockMs, notBefore });
      // A probe wants to know whether it is still refused.
      const recall = order.lane === 'probe' ? undefined : this.#recall(question, order);
      const [beginning, refused] = await reachStore(Promise.all([begin, recall]), signal).catch(
        (thrown: unknown) => {
          // The lock may be ours by now, or soon, and nobody will use it.
          begin.then(() => store.release(key, token)).catch(() => undefined);
          throw thrown;
        },
      );
      if (beginning.state === 'stored') {
        const { facts } = beginning;
        if (order.arm === 'canary' || !facts.arm) return { facts };
        // Of a canary that was promoted and then rolled back.
        notBefore = facts.fetchedAt + 1;
        continue;
      }
      if (beginning.state === 'begun') {
        return this.#fetchLocked(question, order, { key, token, refused });
      }
      await delay(lookAgainMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }

  async #fetchLocked(
    question: Question,
    order: FetchOrder,
    { key, token, refused }: Locked,
  ): Promise<Obtained> {
    const { store, lockMs, onNotStored } = this.#parts;
    // A lock lost all the same risks one more request, never a wrong answer: the store keeps the newer one.
    const renewing = setInterval(() => {
      store.renew(key, token, lockMs).catch(() => undefined);
    }, lockMs / 3);
    try {
      if (refused) throw Failure.fromRecord(refused);
      const { page, fetchedAt } = await this.#send(question, order);
      const facts = this.#factsOf(key, question, order, page, fetchedAt);
      const data = { vendor: page.vendorData, house: page.houseData };
      const putting = store.put(facts, data, token);
      const check = (put: Putting): void => {
        if (put === 'too-large') throw tooLarge(question);
      };
      if (order.handsOver && mayBeHanded(data)) {
        putting.then(check).catch((thrown: unknown) => {
          store.release(key, token).catch(() => undefined);
          onNotStored(facts, thrown);
        });
        return { facts, data };
      }
      check(await reachStore(putting, order.signal));
      return { facts };
    } catch (thrown) {
      // Not awaited: nothing depends on it, and with Redis away it would not return.
      store.release(key, token).catch(() => undefined);
      throw thrown;
    } finally {
      clearInterval(renewing);
    }
  }

  async #send(
    { endpoint, params }: Question,
    order: FetchOrder,
  ): Promise<{ page: Page; fetchedAt: number }> {
    const { lane, arm, team, turn, callId, deadlineAt, signal } = order;
    const { pipeline, now, upstream } = this.#parts;
    try {
      const terms = {
        ...{ lane, arm, team, deadlineAt, signal },
        ...(callId !== undefined && { callId }),
        ...(turn && { turn }),
        // A probe is sent once: it wants to know what is, and may cost no more than it was counted for.
        ...(lane === 'probe' && { sendsMax: 1 }),
      };
      const page = await pipeline({ endpoint, params, ...terms });
      refuseSandbox(page, upstream);
      return { page, fetchedAt: now() };
    } catch (thrown) {
      const refusal = isFailure(thrown) ? refusalOf(thrown, { endpoint, params }) : undefined;
      if (refusal && !(order.onTrial && isEvidence(refusal.record))) {
        const { key, record, ttlMs } = refusal;
        await reachStore(this.#refusalsOf(order).remember(key, record, ttlMs), signal);
      }
      throw thrown;
    }
  }

  #factsOf(
    key: string,
    { endpoint, params }: Question,
    { arm }: FetchOrder,
    page: Page,
    fetchedAt: number,
  ): AnswerFacts {
    const { upstream } = this.#parts;
    const { count, openFrom, coverage } = rowFacts(
      endpoint,
      params,
      page.data,
      fetchedAt,
      upstream.plan,
    );
    return {
      key,
      endpoint: endpoint.id,
      params,
      source: sourceOf(page, upstream, arm),
      ...(arm === 'canary' && { arm }),
      fetchedAt,
      ...freshness(endpoint, params, fetchedAt, { empty: count === 0 }),
      rows: count,
      ...(openFrom !== undefined && { openFrom }),
      ...(coverage && { coverage }),
      permits: permitsSpent(),
    };
  }

  /**
   * What the baseline is refused holds for the canary, too, also right after its promotion: what is remembered is not sent, and so not
   * counted, and a canary that had to find out for itself would be counted for what the baseline was spared. Not so an interval that may
   * be widened: whether its own client climbs is what is tried.
   */
  async #recall(
    { endpoint, params }: Question,
    order: FetchOrder,
  ): Promise<FailureRecord | undefined> {
    const own = this.#refusalsOf(order).recall(refusalKeysFor(endpoint, params));
    if (order.arm !== 'canary') return own;
    const { interval: _, ...others } = params;
    const shared = refusalKeysFor(endpoint, order.strict ? params : others);
    const [ofOwn, ofAll] = await Promise.all([own, this.#parts.refusals.recall(shared)]);
    return ofOwn ?? ofAll;
  }

  #refusalsOf({ arm }: FetchOrder): RefusalMemory {
    const { refusals, canaryRefusals = refusals } = this.#parts;
    return arm === 'canary' ? canaryRefusals : refusals;
  }
}

/** What speaks against a client on trial is to be said each time, not once a minute: it is what the client is judged by. */
const isEvidence = ({ kind }: FailureRecord): boolean =>
  kind === 'upstream-credentials' || kind === 'plan-not-entitled';

const tooLarge = ({ endpoint }: Question): Failure =>
  new Failure('upstream-malformed', `The answer of ${endpoint.id} is larger than the answer store`);

/** Where a page came from that this arm has fetched. */
export const sourceOf = (
  { sandbox }: Pick<Page, 'sandbox'>,
  { canary, ...baseline }: Pick<FetchUpstream, 'source' | 'canary'>,
  arm: Arm,
): AnswerFacts['source'] => {
  const { source } = (arm === 'canary' && canary) || baseline;
  return sandbox ? 'sandbox' : source;
};

/** @throws Failure `upstream-rejected` for invented figures in production */
export const refuseSandbox = (
  { sandbox }: Pick<Page, 'sandbox'>,
  { sandboxAllowed }: Pick<FetchUpstream, 'sandboxAllowed'>,
): void => {
  if (!sandbox || sandboxAllowed) return;
  throw new Failure('upstream-rejected', 'The upstream is the sandbox, which production refuses');
};
