import { asFailure, Failure } from '@glasshouse/coinglass-client';
import {
  askIdOf,
  storedOf,
  storeUnavailable,
  type DrawnCall,
  type FetchRequests,
  type FoundAnswer,
  type AnswerStore,
  type HandedAnswer,
  type Pointer,
  type Serves,
  type StoredAnswer,
} from '@glasshouse/fetch-queue';
import { trace } from '@opentelemetry/api';
import { representationKeyOf, type Ask } from '../asks/ask.ts';
import type { CacheState } from '../http/send.ts';
import type { Memory } from '../representations/memory.ts';
import { render } from '../representations/render.ts';
import type { Representation } from '../representations/representation.ts';
import type { Arms } from './arms.ts';
import type { Refresher } from './refresher.ts';

export interface Reply {
  readonly representation: Representation;
  readonly representationKey: string;
  readonly cache: CacheState;
}

/** How long the caller waits (epoch ms), and on whose account a fetch is. */
export interface AnswerTerms {
  readonly deadlineAt: number;
  readonly team: string;
}

export interface DeskParts {
  readonly memory: Memory;
  readonly store: Pick<AnswerStore, 'find'>;
  readonly requests: Pick<FetchRequests, 'ask'>;
  readonly refresher: Refresher;
  /** Why this endpoint may not be fetched now (a kill switch), if so. Stored answers are served all the same. */
  readonly forbidden: (endpointId: string) => Promise<Failure | undefined>;
  /** Draws the arm of a call that has to be fetched, and says what of the common place may be served. */
  readonly arms: Pick<Arms, 'draw' | 'serves'>;
  readonly traceparent: () => string | undefined;
  readonly now?: () => number;
}

/** What the store had, rendered; or nothing. */
interface Looked {
  readonly representation?: Representation;
}

/** The call by which a question is asked at the moment, and how many readers wait for its end. */
interface Flight {
  readonly call: Promise<DrawnCall>;
  readers: number;
}

/**
 * Answers an ask: from memory, from the store, or by asking the fetcher and waiting. Fresh is served; stale is served, said,
 * and refreshed beside; only what is neither makes the caller wait.
 */
export class Desk {
  readonly #parts: Required<DeskParts>;
  readonly #looking = new Map<string, Promise<Looked>>();
  readonly #flights = new Map<string, Flight>();

  constructor(parts: DeskParts) {
    this.#parts = { now: Date.now, ...parts };
  }

  /** The deadline bounds the waiting. Rejects with a Failure. */
  async answer(ask: Ask, terms: AnswerTerms): Promise<Reply> {
    const { memory, now } = this.#parts;
    const representationKey = representationKeyOf(ask);
    const remembered = memory.get(representationKey);
    if (remembered && now() < remembered.freshUntil && !remembered.meta.stale) {
      return { representation: remembered, representationKey, cache: 'hit' };
    }
    const found = await this.#lookOrRemember(ask, representationKey, remembered);
    if ('cache' in found) return found;
    // A store that lost the answer (a restart, an eviction) does not make ours any older.
    const representation = found.representation ?? remembered;
    if (representation && now() < representation.freshUntil) {
      return { representation, representationKey, cache: 'hit' };
    }
    if (representation && now() < representation.staleUntil) {
      return { ...(await this.#stale(ask, representation, terms.team)), representationKey };
    }
    return this.#fetch(ask, representationKey, terms);
  }

  /** The store's answer; with the store away, what this process still has, marked. */
  async #lookOrRemember(
    ask: Ask,
    representationKey: string,
    remembered: Representation | undefined,
  ): Promise<Looked | Reply> {
    try {
      return await this.#look(ask, representationKey);
    } catch (thrown) {
      if (!remembered || asFailure(thrown).kind !== 'store-unavailable') throw thrown;
      const representation = remembered.asStale('store-unavailable');
      this.#parts.memory.set(representationKey, representation);
      return { representation, representationKey, cache: 'stale' };
    }
  }

  async #stale(
    ask: Ask,
    representation: Representation,
    team: string,
  ): Promise<{ representation: Representation; cache: 'stale' }> {
    const { refresher, forbidden, memory } = this.#parts;
    const off = await forbidden(ask.endpoint.id);
    const reason = off ? off.kind : refresher.refresh(ask, team);
    const stale = representation.asStale(reason);
    memory.set(representationKeyOf(ask), stale);
    return { representation: stale, cache: 'stale' };
  }

  async #fetch(
    ask: Ask,
    representationKey: string,
    terms: AnswerTerms,
    isSecond = false,
  ): Promise<Reply> {
    const { deadlineAt, team } = terms;
    const { requests, forbidden, traceparent } = this.#parts;
    const off = await forbidden(ask.endpoint.id);
    if (off) throw off;
    const { call, onTrial, coalesced, askedKey, answer } = await this.#inFlight(
      ask,
      async (call) => {
        const onTrial = call.arm === 'canary' && !call.settled;
        trace
          .getActiveSpan()
          ?.setAttributes({ 'coinglass.arm': call.arm, 'coinglass.call.id': call.id });
        const answered = await requests.ask(
          {
            v: 1,
            endpoint: ask.endpoint.id,
            params: ask.params,
            strict: ask.strict,
            team,
            call,
            ...traceparentMember(traceparent()),
          },
          {
            askId: askIdOf(ask.askedKey, { strict: ask.strict, fresh: false, onTrial }),
            deadlineAt,
          },
        );
        return { call, onTrial, ...answered };
      },
    );
    const cache = coalesced ? 'coalesced' : 'miss';
    const handed = answer && this.#handed(ask, representationKey, answer);
    if (handed) return { representation: handed, representationKey, cache };
    if (onTrial && askedKey !== undefined && askedKey !== ask.askedKey) {
      return { representation: await this.#readOnTrial(ask, askedKey), representationKey, cache };
    }
    const representation = await this.#lookAfterFetch(ask, representationKey);
    if (!representation && askedKey !== undefined && askedKey !== ask.askedKey) {
      throw new Failure(
        'internal',
        'The fetcher asks another upstream or plan than this gateway: their COINGLASS_* settings differ',
      );
    }
    if (representation) return { representation, representationKey, cache };
    // Fetched by a settled canary, by this call or by one that it joined, which was rolled back meanwhile.
    const isOvertaken = (call.arm === 'canary' || coalesced) && !isSecond;
    if (!isOvertaken) throw noLongerStored();
    return this.#fetch(ask, representationKey, terms, true);
  }

  /**
   * The answer that came with the word that it is there, if it is the one asked for: no look in the store is needed for it. If it was long
   * on its way (a process that was frozen, a Redis that was away), the store may have a newer one.
   */
  #handed(ask: Ask, representationKey: string, answer: HandedAnswer): Representation | undefined {
    const { arms, now } = this.#parts;
    const { facts } = answer;
    if (facts.key !== ask.askedKey || !arms.serves(facts)) return undefined;
    if (now() >= facts.freshUntil) return undefined;
    return this.#remember(ask, representationKey, storedOf(answer, ask.face));
  }

  /**
   * Readers who wait for the same answer are one call, drawn once. Drawn each for himself they would be two calls at most, one for each arm,
   * however many the baseline's were: a question that CoinGlass leaves unanswered for long would count rather against the canary.
   */
  async #inFlight<T>({ askedKey, strict }: Ask, ask: (call: DrawnCall) => Promise<T>): Promise<T> {
    const question = askIdOf(askedKey, { strict, fresh: false });
    const flight = this.#flights.get(question) ?? { call: this.#parts.arms.draw(), readers: 0 };
    this.#flights.set(question, flight);
    flight.readers += 1;
    try {
      return await ask(await flight.call);
    } finally {
      flight.readers -= 1;
      if (flight.readers === 0) this.#flights.delete(question);
    }
  }

  /** From the place of its own, for this reader alone: it is not remembered for others. */
  async #readOnTrial(ask: Ask, trialKey: string): Promise<Representation> {
    const { answer, pointer } = await this.#find({ ...ask, askedKey: trialKey }, () => true);
    if (!answer) throw noLongerStored();
    return render(ask, answer, pointer);
  }

  /** A look that was under way already may have begun before the answer was stored; then it is not the answer, and one more is. */
  async #lookAfterFetch(ask: Ask, representationKey: string): Promise<Representation | undefined> {
    const { representation } = await this.#look(ask, representationKey);
    if (representation && this.#parts.now() < representation.freshUntil) return representation;
    return (await this.#startLook(ask, representationKey)).representation;
  }

  /** Reads and renders once for all who ask at the same moment. */
  #look(ask: Ask, representationKey: string): Promise<Looked> {
    return this.#looking.get(representationKey) ?? this.#startLook(ask, representationKey);
  }

  #startLook(ask: Ask, representationKey: string): Promise<Looked> {
    const started = this.#readAndRender(ask, representationKey).finally(() => {
      if (this.#looking.get(representationKey) === started) this.#looking.delete(representationKey);
    });
    this.#looking.set(representationKey, started);
    return started;
  }

  async #readAndRender(ask: Ask, representationKey: string): Promise<Looked> {
    const { answer, pointer } = await this.#find(ask, this.#parts.arms.serves);
    if (!answer) return {};
    return { representation: this.#remember(ask, representationKey, answer, pointer) };
  }

  /** Rendered once, for all who ask in the same way. */
  #remember(
    ask: Ask,
    representationKey: string,
    answer: StoredAnswer,
    pointer?: Pointer,
  ): Representation {
    const { memory } = this.#parts;
    const remembered = memory.get(representationKey);
    if (remembered?.fetchedAt === answer.facts.fetchedAt) return remembered;
    const representation = render(ask, answer, pointer);
    memory.set(representationKey, representation);
    return representation;
  }

  async #find({ askedKey, face, strict }: Ask, serves: Serves): Promise<FoundAnswer> {
    let found: FoundAnswer;
    try {
      found = await this.#parts.store.find(askedKey, face, serves);
    } catch (cause) {
      throw storeUnavailable(cause);
    }
    if (found.pointer && strict) throw strictlyRefused(found.pointer.fallback);
    return found;
  }
}

const noLongerStored = (): Failure =>
  new Failure('store-unavailable', 'The answer was fetched but is no longer in the store', {
    retryAfterMs: 1_000,
  });

const traceparentMember = (traceparent: string | undefined) => (traceparent ? { traceparent } : {});

const strictlyRefused = ({ from, to }: { readonly from: string; readonly to: string }): Failure =>
  new Failure(
    'interval-not-available',
    `CoinGlass does not serve the interval ${from} here; ${to} is served. Ask for ${to}, or without strict`,
    { errors: [{ field: 'interval', message: `${from} is not available`, allowed: [to] }] },
  );
