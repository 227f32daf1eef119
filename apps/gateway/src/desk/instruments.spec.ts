import { describe, expect, it } from '@jest/globals';
import { Failure, resolveInstrument, type InstrumentTable } from '@glasshouse/coinglass-client';
import type { AskResult, StoredAnswer } from '@glasshouse/fetch-queue';
import { Instruments } from './instruments.ts';

const listing = (...coins: string[]) => ({
  OKX: coins.map((coin) => ({
    instrument_id: `${coin}-USDT-SWAP`,
    base_asset: coin,
    quote_asset: 'USDT',
  })),
});

const stored = (fetchedAt: number, ...coins: string[]): StoredAnswer => ({
  facts: {
    key: 'v1.table',
    endpoint: 'futures/supported-exchange-pairs',
    params: {},
    source: 'sandbox',
    fetchedAt,
    freshUntil: fetchedAt + 60_000,
    staleUntil: fetchedAt + 86_400_000,
    permits: 1,
  },
  data: Buffer.from(JSON.stringify(listing(...coins))),
});

const find = (coin: string) => (table: InstrumentTable) =>
  resolveInstrument(table, { exchange: 'OKX', coin, base: 'USDT' }).instrumentId;

class World {
  now = 1_000_000;
  stored: StoredAnswer | undefined;
  asks = 0;
  onAsk: () => void = () => undefined;
  readonly instruments = new Instruments({
    store: { read: () => Promise.resolve(this.stored) },
    requests: {
      ask: () => {
        this.asks += 1;
        return Promise.resolve()
          .then(() => this.onAsk())
          .then((): AskResult => ({
            jobId: 'j',
            state: 'answered',
            result: { permits: 1 },
            coalesced: false,
          }));
      },
    },
    answerKey: 'v1.table',
    traceparent: () => undefined,
    now: () => this.now,
  });

  lookUp(coin: string): Promise<string> {
    return this.instruments.lookUp(find(coin), this.now + 15_000);
  }
}

describe('the instrument table', () => {
  it('comes from the store, and is read once while it is fresh', async () => {
    const world = new World();
    world.stored = stored(world.now, 'SOL');
    expect(await world.lookUp('SOL')).toBe('SOL-USDT-SWAP');
    world.stored = undefined;
    expect(await world.lookUp('SOL')).toBe('SOL-USDT-SWAP');
    expect(world.asks).toBe(0);
  });

  it('is fetched when there is none, once for all who wait', async () => {
    const world = new World();
    world.onAsk = () => {
      world.stored = stored(world.now, 'SOL', 'BTC');
    };
    await Promise.all([world.lookUp('SOL'), world.lookUp('BTC'), world.lookUp('SOL')]);
    expect(world.asks).toBe(1);
  });

  it('does not ask again for a coin that a fresh table does not know', async () => {
    const world = new World();
    world.stored = stored(world.now, 'SOL');
    await expect(world.lookUp('NEW')).rejects.toMatchObject({ kind: 'unknown-instrument' });
    expect(world.asks).toBe(0);
  });

  it('is renewed once for a coin that an older table does not know', async () => {
    const world = new World();
    world.stored = stored(world.now, 'SOL');
    await world.lookUp('SOL');
    world.now += 61_000;
    world.onAsk = () => {
      world.stored = stored(world.now, 'SOL', 'NEW');
    };
    expect(await world.lookUp('NEW')).toBe('NEW-USDT-SWAP');
    expect(world.asks).toBe(1);
  });

  it('is used past its freshness, and renewed beside', async () => {
    const world = new World();
    world.stored = stored(world.now, 'SOL');
    await world.lookUp('SOL');
    world.now += 61_000;
    expect(await world.lookUp('SOL')).toBe('SOL-USDT-SWAP');
    expect(world.asks).toBe(1);
  });

  it('stays the last good one while the vendor is down, without asking for every typo', async () => {
    const world = new World();
    world.stored = stored(world.now, 'SOL');
    await world.lookUp('SOL');
    world.now += 61_000;
    world.onAsk = () => {
      throw new Failure('upstream-unavailable', 'down');
    };
    await expect(world.lookUp('NOPE')).rejects.toMatchObject({ kind: 'unknown-instrument' });
    await expect(world.lookUp('NOPE')).rejects.toMatchObject({ kind: 'unknown-instrument' });
    expect(await world.lookUp('SOL')).toBe('SOL-USDT-SWAP');
    expect(world.asks).toBe(1);
  });

  it('says why there is none at all', async () => {
    const world = new World();
    world.onAsk = () => {
      throw new Failure('upstream-credentials', 'refused');
    };
    await expect(world.lookUp('SOL')).rejects.toMatchObject({ kind: 'upstream-credentials' });
  });
});
