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
import { answerKeyOf, type AnswerFacts, type AnswerStore } from '@glasshouse/fetch-queue';
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
}

export interface AnswerFetchParts {
  readonly upstream: FetchUpstream;
  readonly store: Pick<AnswerStore, 'begin' | 'put' | 'renew' | 'release'>;
  readonly refusals: RefusalMemory;
  readonly pipeline: (call: Call) => Promise<Page>;
  readonly now: () => number;
  /** A fetch holds its key's lock for this long at a time; who dies holding it blocks the key no longer. */
  readonly lockMs: number;
  /** How often to look whether somebody else's fetch of the same key has ended. */
  readonly lookAgainMs: number;
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

  keyOf({ endpoint, params }: Question): string {
    const { origin, plan } = this.#parts.upstream;
    return answerKeyOf({ origin, plan, endpoint: endpoint.id, params });
  }

  /** Rejects with a `Failure`, with `Postponed`, or with the reason of the order's signal. */
  async obtain(question: Question, order: FetchOrder): Promise<AnswerFacts> {
    const { store, lockMs, lookAgainMs } = this.#parts;
    const { signal, notBefore = 0 } = order;
    const key = this.keyOf(question);
    const token = randomUUID();
    for (;;) {
      // Asked in one breath: each round trip of its own would be felt by who waits.
      const begin = store.begin(key, { token, lockMs, notBefore });
      // A probe wants to know whether it is still refused.
      const recall =
        order.lane === 'probe'
          ? undefined
          : this.#parts.refusals.recall(refusalKeysFor(question.endpoint, question.params));
      const [beginning, refused] = await reachStore(Promise.all([begin, recall]), signal).catch(
        (thrown: unknown) => {
          // The lock may be ours by now, or soon, and nobody will use it.
          begin.then(() => store.release(key, token)).catch(() => undefined);
          throw thrown;
        },
      );
      if (beginning.state === 'stored') return beginning.facts;
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
  ): Promise<AnswerFacts> {
    const { store, lockMs } = this.#parts;
    // A lock lost all the same risks one more request, never a wrong answer: the store keeps the newer one.
    const renewing = setInterval(() => {
      store.renew(key, token, lockMs).catch(() => undefined);
    }, lockMs / 3);
    try {
      if (refused) throw Failure.fromRecord(refused);
      const { page, fetchedAt } = await this.#send(question, order);
      const facts = this.#factsOf(key, question, page, fetchedAt);
      const data = { vendor: page.vendorData, house: page.houseData };
      const putting = await reachStore(store.put(facts, data, token), order.signal);
      if (putting === 'too-large') throw tooLarge(question);
      return facts;
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
    { lane, arm, team, turn, deadlineAt, signal }: FetchOrder,
  ): Promise<{ page: Page; fetchedAt: number }> {
    const { pipeline, refusals, now, upstream } = this.#parts;
    try {
      const terms = {
        ...{ lane, arm, team, deadlineAt, signal },
        ...(turn && { turn }),
        // A probe is sent once: it wants to know what is, and may cost no more than it was counted for.
        ...(lane === 'probe' && { sendsMax: 1 }),
      };
      const page = await pipeline({ endpoint, params, ...terms });
      refuseSandbox(page, upstream);
      return { page, fetchedAt: now() };
    } catch (thrown) {
      const refusal = isFailure(thrown) ? refusalOf(thrown, { endpoint, params }) : undefined;
      if (refusal) {
        const { key, record, ttlMs } = refusal;
        await reachStore(refusals.remember(key, record, ttlMs), signal);
      }
      throw thrown;
    }
  }

  #factsOf(
    key: string,
    { endpoint, params }: Question,
    { data, sandbox }: Page,
    fetchedAt: number,
  ): AnswerFacts {
    const { plan, source } = this.#parts.upstream;
    const { count, openFrom, coverage } = rowFacts(endpoint, params, data, fetchedAt, plan);
    return {
      key,
      endpoint: endpoint.id,
      params,
      source: sandbox ? 'sandbox' : source,
      fetchedAt,
      ...freshness(endpoint, params, fetchedAt, { empty: count === 0 }),
      rows: count,
      ...(openFrom !== undefined && { openFrom }),
      ...(coverage && { coverage }),
      permits: permitsSpent(),
    };
  }
}

const tooLarge = ({ endpoint }: Question): Failure =>
  new Failure('upstream-malformed', `The answer of ${endpoint.id} is larger than the answer store`);

/** @throws Failure `upstream-rejected` for invented figures in production */
export const refuseSandbox = (
  { sandbox }: Pick<Page, 'sandbox'>,
  { sandboxAllowed }: Pick<FetchUpstream, 'sandboxAllowed'>,
): void => {
  if (!sandbox || sandboxAllowed) return;
  throw new Failure('upstream-rejected', 'The upstream is the sandbox, which production refuses');
};
