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
import type { AnswerFacts, StoredAnswer } from './answers/answer.ts';
import { storeUnavailable } from './answers/store-unavailable.ts';

/** The answer that is the instrument table; it takes no parameters. */
export const instrumentsEndpoint: Endpoint = catalogue['futures/supported-exchange-pairs'];

/** After a renewal failed the table at hand is not questioned for this long: typos do not hammer a vendor that is down. */
const restMs = 10_000;

/** How often a table that is used past its freshness looks for a newer one beside: reading it costs some MB. */
const besideEveryMs = 5_000;

interface Held extends Pick<AnswerFacts, 'arm' | 'fetchedAt' | 'freshUntil' | 'staleUntil'> {
  readonly table: InstrumentTable;
}

/** `Terms`: on which an asker waits, such as a deadline; only the two functions that are given them know what they are. */
export interface InstrumentsParts<Terms> {
  /** The stored table, house face; undefined when there is none. One read serves all who want one at the same time. */
  readonly read: () => Promise<StoredAnswer | undefined>;
  /** Whether a table that this client fetched may be used, asked anew at each use. Absent: any. */
  readonly serves?: (fetched: Pick<AnswerFacts, 'arm'>) => boolean | Promise<boolean>;
  /** Has the table fetched and stored: once, however many ask for it at the same time. Rejects when the asker's time is over. */
  readonly renew: (terms: Terms) => Promise<unknown>;
  /** Ends the waiting for a read when the asker's time is over. Absent: reads end soon by themselves, one way or the other. */
  readonly bounded?: <T>(reading: Promise<T>, terms: Terms) => Promise<T>;
  /** On which terms a table past its freshness is renewed beside. Absent: it is left to others, and taken over from the store. */
  readonly termsBeside?: () => Terms;
  readonly now?: () => number;
}

/**
 * The instrument table of a process, parsed once per version. A table past its freshness serves what it knows, while a newer one is
 * looked for beside; only what it does not know waits for one renewal, so that a new listing is found and a typo costs at most that.
 * How a table is fetched, and how long an asker can wait, is the app's matter.
 */
export class Instruments<Terms> {
  readonly #parts: InstrumentsParts<Terms>;
  readonly #now: () => number;
  #held: Held | undefined;
  #looking: Promise<void> | undefined;
  #besideAt = 0;
  #restUntil = 0;

  constructor(parts: InstrumentsParts<Terms>) {
    this.#parts = parts;
    this.#now = parts.now ?? Date.now;
  }

  /**
   * Runs a look-up against the table; once more, on a renewed one, if the first knew nothing and was not fresh. Rejects with what the
   * look-up throws, or with the reason why there is no table at all.
   */
  async lookUp<T>(lookup: (table: InstrumentTable) => T, terms: Terms): Promise<T> {
    const before = await this.#table(terms);
    try {
      return lookup(before.table);
    } catch (thrown) {
      const unknown = isFailure(thrown) && thrown.kind === 'unknown-instrument';
      if (!unknown || this.#now() < before.freshUntil) throw thrown;
      await this.#improve(terms);
      const after = this.#held ?? before;
      if (after.fetchedAt === before.fetchedAt) throw thrown;
      return lookup(after.table);
    }
  }

  async #table(terms: Terms): Promise<Held> {
    await this.#letGoOfUnserved();
    if (!this.#holdsUntil('staleUntil')) await this.#bounded(this.#look(), terms);
    if (!this.#holdsUntil('staleUntil')) await this.#renew(terms);
    const held = this.#holdsUntil('staleUntil');
    if (!held) throw notStored();
    if (!this.#holdsUntil('freshUntil')) this.#improveBeside();
    return held;
  }

  #holdsUntil(end: 'freshUntil' | 'staleUntil'): Held | undefined {
    return this.#held && this.#now() < this.#held[end] ? this.#held : undefined;
  }

  /** Once its client has been rolled back, nobody is to go by its word, however fresh. */
  async #letGoOfUnserved(): Promise<void> {
    const held = this.#held;
    if (held && !(await this.#serves(held)) && this.#held === held) this.#held = undefined;
  }

  async #serves({ arm }: Pick<AnswerFacts, 'arm'>): Promise<boolean> {
    return arm === undefined || ((await this.#parts.serves?.({ arm })) ?? true);
  }

  #improveBeside(): void {
    if (this.#now() < this.#besideAt + besideEveryMs) return;
    this.#besideAt = this.#now();
    const { termsBeside } = this.#parts;
    const improving = termsBeside ? this.#improve(termsBeside()) : this.#look();
    improving.catch(() => undefined);
  }

  /** A newer table, if one is to be had: from the store, else from the vendor. If that fails, the last good one's word stands. */
  async #improve(terms: Terms): Promise<void> {
    if (this.#now() < this.#restUntil) return;
    try {
      await this.#bounded(this.#look(), terms);
      if (!this.#holdsUntil('freshUntil')) await this.#renew(terms);
    } catch (thrown) {
      // That an asker's time is over says nothing of the vendor; and what is no failure, like a job's way back, is the asker's.
      if (!isFailure(thrown) || thrown.kind === 'deadline-passed') throw thrown;
      this.#restUntil = this.#now() + restMs;
    }
  }

  async #renew(terms: Terms): Promise<void> {
    await this.#parts.renew(terms);
    // A look that is under way may have begun before.
    await this.#bounded(this.#looking?.catch(() => undefined) ?? Promise.resolve(), terms);
    await this.#bounded(this.#look(), terms);
  }

  #bounded<T>(reading: Promise<T>, terms: Terms): Promise<T> {
    return this.#parts.bounded?.(reading, terms) ?? reading;
  }

  /** Takes over what the store has. */
  #look(): Promise<void> {
    this.#looking ??= this.#take().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #take(): Promise<void> {
    const stored = await this.#read();
    if (!stored || stored.facts.fetchedAt === this.#held?.fetchedAt) return;
    if (!(await this.#serves(stored.facts))) return;
    const { arm, fetchedAt, freshUntil, staleUntil } = stored.facts;
    this.#held = {
      table: parse(stored.data),
      fetchedAt,
      freshUntil,
      staleUntil,
      ...(arm && { arm }),
    };
  }

  async #read(): Promise<StoredAnswer | undefined> {
    try {
      return await this.#parts.read();
    } catch (cause) {
      throw storeUnavailable(cause);
    }
  }
}

const parse = (data: Buffer): InstrumentTable => {
  try {
    return buildInstrumentTable(JSON.parse(data.toString()) as PairsByExchange);
  } catch (cause) {
    throw asFailure(cause);
  }
};

const notStored = (): Failure =>
  new Failure(
    'store-unavailable',
    'The instrument table was fetched but is not in the answer store',
    { retryAfterMs: 1_000 },
  );
