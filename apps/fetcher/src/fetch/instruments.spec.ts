import { Failure, resolveCoin } from '@glasshouse/coinglass-client';
import type { StoredAnswer } from '@glasshouse/fetch-queue';
import { describe, expect, it } from '@jest/globals';
import { Instruments } from './instruments.ts';

const minute = 60_000;
const signal = new AbortController().signal;

/** A store with one table, and a vendor that lists what it is told. */
const setUp = () => {
  const world = {
    now: 1_000_000,
    listed: ['SOL'],
    reads: 0,
    renewals: 0,
    renewing: () => Promise.resolve(),
    stored: undefined as StoredAnswer | undefined,
  };
  const store = (): void => {
    const rows = world.listed.map((coin) => ({
      instrument_id: `${coin}USDT`,
      base_asset: coin,
      quote_asset: 'USDT',
    }));
    world.stored = {
      facts: {
        key: 'k',
        endpoint: 'futures/supported-exchange-pairs',
        params: {},
        source: 'sandbox',
        fetchedAt: world.now,
        freshUntil: world.now + minute,
        staleUntil: world.now + 24 * 60 * minute,
        permits: 1,
      },
      data: Buffer.from(JSON.stringify({ OKX: rows })),
    };
  };
  const instruments = new Instruments({
    now: () => world.now,
    read: () => {
      world.reads += 1;
      return Promise.resolve(world.stored);
    },
    renew: async () => {
      world.renewals += 1;
      await world.renewing();
      store();
    },
  });
  const find = (coin: string): Promise<string> =>
    instruments.lookUp((table) => resolveCoin(table, coin), { lane: 'bulk', signal });
  return { world, store, find };
};

describe('the instrument table', () => {
  it('is fetched where there is none, once for all who ask, and then read no more while it is fresh', async () => {
    const { world, find } = setUp();
    expect(await Promise.all([find('sol'), find('SOL'), find('Sol')])).toEqual([
      'SOL',
      'SOL',
      'SOL',
    ]);
    expect(world.renewals).toBe(1);
    const { reads } = world;
    await find('sol');
    expect(world.reads).toBe(reads);
  });

  it('serves what it knows past its freshness without waiting, and takes over what others have stored', async () => {
    const { world, store, find } = setUp();
    await find('SOL');
    world.now += minute;
    world.listed = ['SOL', 'NEW'];
    store();
    const { reads } = world;
    expect(await Promise.all([find('SOL'), find('SOL')])).toEqual(['SOL', 'SOL']);
    expect(world.reads).toBe(reads + 1);
    expect(await find('NEW')).toBe('NEW');
    expect(world.renewals).toBe(1);
  });

  it('is renewed once for what it does not know, if it is past its freshness', async () => {
    const { world, find } = setUp();
    await find('SOL');
    await expect(find('NEW')).rejects.toMatchObject({ kind: 'unknown-instrument' });
    expect(world.renewals).toBe(1);
    world.now += minute;
    world.listed = ['SOL', 'NEW'];
    const found = await Promise.allSettled([find('NEW'), find('NOPE')]);
    expect(found).toMatchObject([
      { status: 'fulfilled', value: 'NEW' },
      { status: 'rejected', reason: { kind: 'unknown-instrument' } },
    ]);
    expect(world.renewals).toBe(2);
  });

  it('has the last word when it cannot be renewed', async () => {
    const { world, find } = setUp();
    await find('SOL');
    world.now += minute;
    world.renewing = () => Promise.reject(new Failure('upstream-unavailable', 'down'));
    await expect(find('NEW')).rejects.toMatchObject({ kind: 'unknown-instrument' });
    expect(await find('SOL')).toBe('SOL');
  });

  it('is not used for more than a day, and its failure is told where there is no other', async () => {
    const { world, find } = setUp();
    await find('SOL');
    world.now += 25 * 60 * minute;
    world.stored = undefined;
    world.renewing = () => Promise.reject(new Failure('upstream-unavailable', 'down'));
    await expect(find('SOL')).rejects.toMatchObject({ kind: 'upstream-unavailable' });
  });
});
