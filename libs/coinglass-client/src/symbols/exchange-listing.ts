import { isDated, marginOf, type Instrument } from './instrument.ts';

/** A row of supported-exchange-pairs, as far as symbols are concerned. */
export interface PairRow {
  readonly instrument_id: string;
  readonly base_asset: string;
  readonly quote_asset: string;
  readonly settlement_currency?: string | null | undefined;
}

/**
 * The instruments of one exchange, found by id, by pair or by coin. The indexes are made at the first
 * look, since most tables live a minute and few exchanges are asked for in it.
 */
export class ExchangeListing {
  readonly name: string;
  readonly #rows: readonly PairRow[];
  #index: Index | undefined;

  constructor(name: string, rows: readonly PairRow[]) {
    this.name = name;
    this.#rows = rows;
  }

  get size(): number {
    return this.#rows.length;
  }

  byId(instrumentId: string): Instrument | undefined {
    return this.#indexed().byId.get(instrumentId);
  }

  /** Ids that differ from the text only in case. */
  byIdInAnyCase(instrumentId: string): readonly Instrument[] {
    return this.#indexed().byFoldedId.get(instrumentId.toUpperCase()) ?? [];
  }

  byPair(coin: string, base: string): readonly Instrument[] {
    const quote = base.toUpperCase();
    return this.byCoin(coin).filter((instrument) => instrument.quote.toUpperCase() === quote);
  }

  byCoin(coin: string): readonly Instrument[] {
    return this.#indexed().byCoin.get(coin.toUpperCase()) ?? [];
  }

  /** Every coin's spelling, once. */
  coins(): readonly string[] {
    return this.#indexed().coins;
  }

  instrumentIds(): Iterable<string> {
    return this.#indexed().byId.keys();
  }

  #indexed(): Index {
    return (this.#index ??= indexOf(this.name, this.#rows));
  }
}

interface Index {
  readonly byId: ReadonlyMap<string, Instrument>;
  readonly byFoldedId: ReadonlyMap<string, readonly Instrument[]>;
  readonly byCoin: ReadonlyMap<string, readonly Instrument[]>;
  readonly coins: readonly string[];
}

const indexOf = (exchange: string, rows: readonly PairRow[]): Index => {
  const byId = new Map<string, Instrument>();
  for (const row of rows) byId.set(row.instrument_id, instrumentOf(exchange, row));
  const instruments = [...byId.values()];
  const byCoin = Map.groupBy(instruments, ({ base }) => base.toUpperCase());
  return {
    byId,
    byFoldedId: Map.groupBy(instruments, ({ instrumentId }) => instrumentId.toUpperCase()),
    byCoin,
    coins: [...byCoin.values()].flatMap(([first]) => first?.base ?? []),
  };
};

const instrumentOf = (exchange: string, row: PairRow): Instrument => {
  const { instrument_id: instrumentId, base_asset: base, quote_asset: quote } = row;
  const settlement = row.settlement_currency ?? undefined;
  return {
    exchange,
    instrumentId,
    base,
    quote,
    ...(settlement !== undefined && { settlement }),
    perpetual: !isDated(instrumentId, base),
    margin: marginOf(instrumentId, base, settlement),
  };
};
