import { Failure, Postponed, resolveInstrument } from '@glasshouse/coinglass-client';
import { describe, expect, it } from '@jest/globals';
import type { StoredAnswer } from './answers/answer.ts';
import { Instruments, type InstrumentsParts } from './instruments.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

/** Who asks. */
type Terms = 'reader' | 'hurried reader' | 'nobody';

/** A store with at most one table, and a vendor that lists what it is told. */
class World {
  now = 1_000_000;
  listed = ['SOL'];
  stored: StoredAnswer | undefined;
  reads = 0;
  /** On whose terms the table was renewed. */
  readonly renewals: Terms[] = [];
  reading = (): Promise<StoredAnswer | undefined> => Promise.resolve(this.stored);
  renewing = (_terms: Terms): Promise<void> => Promise.resolve(this.store());
  readonly instruments: Instruments<Terms>;

  constructor(more: Partial<InstrumentsParts<Terms>> = {}) {
    this.instruments = new Instruments<Terms>({
      read: () => {
        this.reads += 1;
        return this.reading();
      },
      renew: async (terms) => {
        this.renewals.push(terms);
        await this.renewing(terms);
      },
      now: () => this.now,
      ...more,
    });
  }

  store(): void {
    const rows = this.listed.map((coin) => ({
      instrument_id: `${coin}-USDT-SWAP`,
      base_asset: coin,
      quote_asset: 'USDT',
    }));
    this.stored = {
      facts: {
        key: 'v1.table',
        endpoint: 'futures/supported-exchange-pairs',
        params: {},
        source: 'sandbox',
        fetchedAt: this.now,
        freshUntil: this.now + minute,
        staleUntil: this.now + day,
        permits: 1,
      },
      data: Buffer.from(JSON.stringify({ OKX: rows })),
    };
  }

  find(coin: string, terms: Terms = 'reader'): Promise<string> {
    return this.instruments.lookUp(
      (table) => resolveInstrument(table, { exchange: 'OKX', coin, base: 'USDT' }).base,
      terms,
    );
  }

  /** A world whose table is in use and just past its freshness. */
  static async withOldTable(more: Partial<InstrumentsParts<Terms>> = {}): Promise<World> {
    const world = new World(more);
    world.store();
    await world.find('SOL');
    world.now += minute;
    return world;
  }
}

const down = (): Promise<never> => Promise.reject(new Failure('upstream-unavailable', 'down'));
const unknown = { kind: 'unknown-instrument' };

describe('the instrument table', () => {
  it('is let go of at once, however fresh, when the client that fetched it is not to be served any more', async () => {
    let settled = true;
    const world = new World({ serves: () => settled });
    world.listed = ['WRONG'];
    world.store();
    world.stored = { ...world.stored!, facts: { ...world.stored!.facts, arm: 'canary' } };
    expect(await world.find('WRONG')).toBe('WRONG');

    settled = false;
    world.now += 1;
    world.listed = ['SOL'];
    expect(await world.find('SOL')).toBe('SOL');
    expect(world.renewals).toEqual(['reader']);
    await expect(world.find('WRONG')).rejects.toMatchObject(unknown);
  });

  it('comes from the store, and is read once while it is fresh, whoever asks', async () => {
    const world = new World();
    world.store();
    expect(await Promise.all([world.find('SOL'), world.find('sol')])).toEqual(['SOL', 'SOL']);
    await world.find('SOL');
    expect(world).toMatchObject({ reads: 1, renewals: [] });
  });

  it('is fetched where there is none, on the terms of each who waits, and then read once for all', async () => {
    const world = new World();
    await Promise.all([world.find('SOL'), world.find('SOL', 'hurried reader'), world.find('SOL')]);
    expect(world.renewals).toEqual(['reader', 'hurried reader', 'reader']);
    expect(world.reads).toBe(2);
  });

  it('is read anew after a renewal, though an older read is still under way', async () => {
    const world = await World.withOldTable();
    const renewal = Promise.withResolvers<void>();
    world.renewing = () => renewal.promise;
    const finding = world.find('NEW');
    await new Promise(setImmediate);

    const olderRead = Promise.withResolvers<StoredAnswer | undefined>();
    const { stored } = world;
    world.reading = () => olderRead.promise;
    world.now += 5_000;
    await world.find('SOL');

    world.listed = ['SOL', 'NEW'];
    world.store();
    world.reading = () => Promise.resolve(world.stored);
    renewal.resolve();
    await new Promise(setImmediate);
    olderRead.resolve(stored);
    expect(await finding).toBe('NEW');
  });

  it('has the last word on what it does not know while it is fresh', async () => {
    const world = new World();
    world.store();
    await expect(world.find('NEW')).rejects.toMatchObject(unknown);
    expect(world).toMatchObject({ reads: 1, renewals: [] });
  });

  describe('past its freshness', () => {
    it('is renewed for what it does not know, and then knows or does not', async () => {
      const world = await World.withOldTable();
      world.listed = ['SOL', 'NEW'];
      const found = await Promise.allSettled([world.find('NEW'), world.find('NOPE')]);
      expect(found).toMatchObject([
        { status: 'fulfilled', value: 'NEW' },
        { status: 'rejected', reason: unknown },
      ]);
      await expect(world.find('NOPE')).rejects.toMatchObject(unknown);
      expect(world.renewals).toEqual(['reader', 'reader']);
    });

    it('serves what it knows without waiting, and takes over what others have stored', async () => {
      const world = await World.withOldTable();
      world.listed = ['SOL', 'NEW'];
      world.store();
      world.reads = 0;
      expect(await Promise.all([world.find('SOL'), world.find('SOL')])).toEqual(['SOL', 'SOL']);
      expect(await world.find('NEW')).toBe('NEW');
      expect(world).toMatchObject({ reads: 1, renewals: [] });
    });

    it('finds what others have stored before it asks for a renewal', async () => {
      const world = await World.withOldTable();
      world.listed = ['SOL', 'NEW'];
      world.store();
      expect(await world.find('NEW')).toBe('NEW');
      expect(world.renewals).toEqual([]);
    });

    it('is renewed beside only where somebody answers for it, and not for every reader', async () => {
      const left = await World.withOldTable();
      await left.find('SOL');
      const kept = await World.withOldTable({ termsBeside: () => 'nobody' });
      kept.renewing = () => new Promise(() => undefined);
      kept.reads = 0;
      for (let time = 0; time < 3; time += 1) expect(await kept.find('SOL')).toBe('SOL');
      await new Promise(setImmediate);
      expect(kept).toMatchObject({ reads: 1, renewals: ['nobody'] });
      expect(left.renewals).toEqual([]);
    });

    it('stays the last good one while the vendor is down, without asking for every typo', async () => {
      const world = await World.withOldTable();
      world.renewing = down;
      for (let time = 0; time < 3; time += 1)
        await expect(world.find('NOPE')).rejects.toMatchObject(unknown);
      expect(await world.find('SOL')).toBe('SOL');
      expect(world.renewals).toEqual(['reader']);
      world.now += 10_000;
      await expect(world.find('NOPE')).rejects.toMatchObject(unknown);
      expect(world.renewals).toEqual(['reader', 'reader']);
    });

    it('stays the last good one while the store is away or holds garbage', async () => {
      const away = await World.withOldTable();
      away.reading = () => Promise.reject(new Error('Connection is closed.'));
      await expect(away.find('NOPE')).rejects.toMatchObject(unknown);
      const garbled = await World.withOldTable();
      garbled.store();
      garbled.stored = { ...garbled.stored!, data: Buffer.from('<html>') };
      await expect(garbled.find('NOPE')).rejects.toMatchObject(unknown);
      expect(await garbled.find('SOL')).toBe('SOL');
    });

    it.each([
      ['time is over', new Failure('deadline-passed', 'too late')],
      ['job goes back', new Postponed(5_000, 'limit')],
    ])(
      'does not decide for an asker whose %s, and is questioned by the next',
      async (_why, why) => {
        const world = await World.withOldTable();
        world.listed = ['SOL', 'NEW'];
        world.renewing = (terms) =>
          terms === 'hurried reader' ? Promise.reject(why) : Promise.resolve(world.store());
        await expect(world.find('NEW', 'hurried reader')).rejects.toBe(why);
        expect(await world.find('NEW')).toBe('NEW');
      },
    );

    it('is not used for more than a day, and the reason is told why there is no other', async () => {
      const world = await World.withOldTable({ termsBeside: () => 'nobody' });
      world.now += day;
      world.stored = undefined;
      world.renewing = down;
      await expect(world.find('SOL')).rejects.toMatchObject({ kind: 'upstream-unavailable' });
    });
  });

  describe('that is not there', () => {
    it('is missed for the reason for which it could not be fetched, by each who asks', async () => {
      const world = new World();
      world.renewing = down;
      for (let time = 0; time < 2; time += 1)
        await expect(world.find('SOL')).rejects.toMatchObject({ kind: 'upstream-unavailable' });
      expect(world.renewals).toEqual(['reader', 'reader']);
    });

    it('is missed because the store is away, or has lost it again', async () => {
      const world = new World();
      world.renewing = () => Promise.resolve();
      await expect(world.find('SOL')).rejects.toMatchObject({ kind: 'store-unavailable' });
      world.reading = () => Promise.reject(new Error('Connection is closed.'));
      await expect(world.find('SOL')).rejects.toMatchObject({
        kind: 'store-unavailable',
        retryAfterMs: 5_000,
      });
    });

    it('is waited for by nobody longer than their terms allow, though the store never answers', async () => {
      const world = new World({
        bounded: (reading, terms) =>
          terms === 'reader' ? reading : Promise.reject(new Failure('deadline-passed', terms)),
      });
      const { promise: slow, resolve: arrive } = Promise.withResolvers<void>();
      world.reading = () => slow.then(() => world.stored);
      const patient = world.find('SOL');
      await expect(world.find('SOL', 'hurried reader')).rejects.toMatchObject({
        kind: 'deadline-passed',
      });
      world.store();
      arrive();
      expect(await patient).toBe('SOL');
    });
  });
});
