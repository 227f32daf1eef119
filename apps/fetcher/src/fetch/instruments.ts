import {
  buildInstrumentTable,
  isFailure,
  type InstrumentTable,
  type PairsByExchange,
} from '@glasshouse/coinglass-client';
import type { StoredAnswer } from '@glasshouse/fetch-queue';
import type { FetchOrder, Lane } from './fetch-order.ts';
import { untilAborted } from './until-aborted.ts';

interface Held {
  readonly table: InstrumentTable;
  readonly fetchedAt: number;
  readonly freshUntil: number;
  readonly staleUntil: number;
}

/** How often the store is looked into for a newer table than the one held; the table is some MB. */
const lookEveryMs = 5_000;

/** On whose terms a table that must be fetched is fetched. */
export type Asker = Pick<FetchOrder, 'lane' | 'signal'>;

export interface InstrumentsParts {
  /** The stored table, house face; undefined when there is none. */
  readonly read: (signal: AbortSignal) => Promise<StoredAnswer | undefined>;
  /** Fetches and stores the table, unless a fresh one is there. */
  readonly renew: (lane: Lane) => Promise<unknown>;
  readonly now: () => number;
}

/**
 * The instrument table of this process, parsed once per version. A table past its freshness still serves what it knows, while a newer
 * one is looked for beside; what it does not know waits for one renewal, shared by all who wait for it.
 */
export class Instruments {
  readonly #parts: InstrumentsParts;
  #held: Held | undefined;
  #lookedAt = 0;
  readonly #renewals = new Map<Lane, Promise<unknown>>();

  constructor(parts: InstrumentsParts) {
    this.#parts = parts;
  }

  /** Rejects with what the look-up throws, or with the failure of fetching a table where there is none. */
  async lookUp<T>(lookup: (table: InstrumentTable) => T, asker: Asker): Promise<T> {
    const before = await this.#table(asker);
    try {
      return lookup(before.table);
    } catch (thrown) {
      const unknown = isFailure(thrown) && thrown.kind === 'unknown-instrument';
      if (!unknown || this.#parts.now() < before.freshUntil) throw thrown;
      const after = await this.#renewed(asker, before);
      if (!after || after.fetchedAt === before.fetchedAt) throw thrown;
      return lookup(after.table);
    }
  }

  async #table(asker: Asker): Promise<Held> {
    const now = this.#parts.now();
    if (this.#held && now < this.#held.staleUntil) {
      if (now >= this.#held.freshUntil && now >= this.#lookedAt + lookEveryMs) {
        this.#take(new AbortController().signal).catch(() => undefined);
      }
      return this.#held;
    }
    const held = (await this.#take(asker.signal)) ?? (await this.#renewed(asker));
    if (!held) throw new Error('the instrument table was fetched, but is not in the answer store');
    return held;
  }

  /** The table after a renewal. If that fails, the word of the last good table, if any, stands. */
  async #renewed({ lane, signal }: Asker, lastGood?: Held): Promise<Held | undefined> {
    const renewal =
      this.#renewals.get(lane) ??
      this.#parts.renew(lane).finally(() => this.#renewals.delete(lane));
    this.#renewals.set(lane, renewal);
    try {
      await untilAborted(renewal, signal);
    } catch (thrown) {
      if (lastGood && isFailure(thrown) && !signal.aborted) return lastGood;
      throw thrown;
    }
    return this.#take(signal);
  }

  /** Adopts the stored table if it is another than the one held. */
  async #take(signal: AbortSignal): Promise<Held | undefined> {
    this.#lookedAt = this.#parts.now();
    const stored = await this.#parts.read(signal);
    if (stored && stored.facts.fetchedAt !== this.#held?.fetchedAt) {
      const { fetchedAt, freshUntil, staleUntil } = stored.facts;
      const pairs = JSON.parse(stored.data.toString()) as PairsByExchange;
      this.#held = { table: buildInstrumentTable(pairs), fetchedAt, freshUntil, staleUntil };
    }
    return stored ? this.#held : undefined;
  }
}
