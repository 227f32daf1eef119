import {
  asFailure,
  buildInstrumentTable,
  catalogue,
  Failure,
  isFailure,
  type Endpoint,
  type InstrumentTable,
  type PairsByExchange,
} from '@glasshouse/coinglass-client';
import {
  askIdOf,
  type AnswerStore,
  type FetchRequests,
  type StoredAnswer,
} from '@glasshouse/fetch-queue';

const endpoint: Endpoint = catalogue['futures/supported-exchange-pairs'];

/** After a renewal failed the table at hand is not questioned for this long: typos do not hammer a vendor that is down. */
const restMs = 10_000;

interface Loaded {
  readonly table: InstrumentTable;
  readonly freshUntil: number;
  readonly staleUntil: number;
  readonly fetchedAt: number;
}

export interface InstrumentsParts {
  readonly store: Pick<AnswerStore, 'read'>;
  readonly requests: Pick<FetchRequests, 'ask'>;
  /** The key of the whole table, without an exchange parameter. */
  readonly answerKey: string;
  readonly traceparent: () => string | undefined;
  readonly now?: () => number;
}

/**
 * The instrument table of this process, parsed once per version. A table past its 60 s is used and renewed beside; only what it
 * does not know waits for one renewal, so that a listing a minute old is found and a typo costs at most that.
 */
export class Instruments {
  readonly #parts: Required<InstrumentsParts>;
  #loaded: Loaded | undefined;
  #renewing: Promise<void> | undefined;
  #restUntil = 0;

  constructor(parts: InstrumentsParts) {
    this.#parts = { now: Date.now, ...parts };
  }

  /** Runs a lookup against the table, once more on a renewed one if the first knew nothing and was not fresh. */
  async lookUp<T>(lookup: (table: InstrumentTable) => T, deadlineAt: number): Promise<T> {
    const before = await this.#table(deadlineAt);
    try {
      return lookup(before.table);
    } catch (thrown) {
      const now = this.#parts.now();
      if (!isFailure(thrown) || thrown.kind !== 'unknown-instrument' || now < before.freshUntil) {
        throw thrown;
      }
      // If the renewal fails, the last good table's word stands.
      const after = await this.#renewed(deadlineAt).catch(() => before);
      if (after.fetchedAt === before.fetchedAt) throw thrown;
      return lookup(after.table);
    }
  }

  async #table(deadlineAt: number): Promise<Loaded> {
    const now = this.#parts.now();
    if (this.#loaded && now < this.#loaded.freshUntil) return this.#loaded;
    if (this.#loaded && now < this.#loaded.staleUntil) {
      this.#renewed(now + 60_000).catch(() => undefined);
      return this.#loaded;
    }
    return this.#renewed(deadlineAt);
  }

  async #renewed(deadlineAt: number): Promise<Loaded> {
    this.#renewing ??= this.#renew(deadlineAt).finally(() => (this.#renewing = undefined));
    await this.#renewing;
    if (!this.#loaded) {
      throw new Failure(
        'store-unavailable',
        'The instrument table was fetched but is not in the store',
        {
          retryAfterMs: 1_000,
        },
      );
    }
    return this.#loaded;
  }

  async #renew(deadlineAt: number): Promise<void> {
    const { answerKey, requests, traceparent, now } = this.#parts;
    if (this.#loaded && now() < this.#restUntil) return;
    if (this.#take(await this.#read())) return;
    const parent = traceparent();
    try {
      await requests.ask(
        { v: 1, endpoint: endpoint.id, ...(parent && { traceparent: parent }) },
        { askId: askIdOf(answerKey, { strict: false, fresh: false }), deadlineAt },
      );
      this.#take(await this.#read());
    } catch (thrown) {
      // A table past its freshness is better than none; without any, the caller hears why there is none.
      if (!this.#loaded) throw thrown;
      this.#restUntil = now() + restMs;
    }
  }

  async #read(): Promise<StoredAnswer | undefined> {
    try {
      return await this.#parts.store.read(this.#parts.answerKey, 'house');
    } catch (cause) {
      throw new Failure('store-unavailable', 'The answer store cannot be reached', {
        cause,
        retryAfterMs: 5_000,
      });
    }
  }

  /** Adopts a stored table if it is newer; true when what we have now is fresh. */
  #take(answer: StoredAnswer | undefined): boolean {
    if (!answer) return false;
    const { facts, data } = answer;
    if (facts.fetchedAt !== this.#loaded?.fetchedAt) {
      try {
        this.#loaded = {
          ...facts,
          table: buildInstrumentTable(JSON.parse(data.toString()) as PairsByExchange),
        };
      } catch (cause) {
        throw asFailure(cause);
      }
    }
    return this.#parts.now() < facts.freshUntil;
  }
}
