import { afterEach, describe, expect, it } from '@jest/globals';
import { startTestbed, type Testbed } from '../testbed.ts';
import { Arrivals, mostInWindow, type Arrival, type ArrivalSummary } from './arrivals.ts';

describe('the arrival log', () => {
  it('finds the fullest sliding window, its far end excluded', () => {
    expect(mostInWindow([], 1000)).toBe(0);
    expect(mostInWindow([0, 999, 1000, 1998, 1999], 1000)).toBe(3);
    expect(mostInWindow([0, 1000, 2000], 1000)).toBe(1);
  });

  it('keeps the newest and forgets the oldest', () => {
    const log = new Arrivals(10);
    for (let at = 0; at < 50; at += 1) {
      log.record({ atMs: at, monotonicMs: at, method: 'GET', path: '/', params: {}, key: null });
    }
    expect(log.since().map(({ n }) => n)).toEqual([41, 42, 43, 44, 45, 46, 47, 48, 49, 50]);
    expect(log.since(45).map(({ n }) => n)).toEqual([46, 47, 48, 49, 50]);
  });
});

describe('GET /__sandbox/arrivals', () => {
  let bed: Testbed;
  let time = 0;
  afterEach(() => bed.sandbox.close());
  const arrivals = async (query = '') =>
    (await bed.control('GET', `/arrivals${query}`)).body as {
      summary: ArrivalSummary;
      arrivals: Arrival[];
    };

  it('tells what arrived, how it ended and the fullest window, and never the key', async () => {
    time = 0;
    bed = await startTestbed({
      settings: { limit: 2, windowMs: 1000 },
      clock: () => 1_000_000 + time,
      monotonic: () => time,
    });
    for (const at of [0, 500, 900, 2500]) {
      time = at;
      await bed.get('futures/supported-exchange-pairs', { exchange: 'OKX' });
    }
    const seen = await arrivals();
    expect(seen.summary).toMatchObject({
      total: 4,
      windowMs: 1000,
      maxInWindow: 3,
      byPath: { '/api/futures/supported-exchange-pairs': 4 },
      byOutcome: { '200/0': 3, '429/429': 1 },
    });
    expect(seen.arrivals[0]).toEqual({
      n: 1,
      atMs: 1_000_000,
      monotonicMs: 0,
      method: 'GET',
      path: '/api/futures/supported-exchange-pairs',
      params: { exchange: 'OKX' },
      key: expect.stringMatching(/^[0-9a-f]{12}$/),
      status: 200,
      code: '0',
    });
    expect(JSON.stringify(seen)).not.toContain('sandbox-key');
    expect((await arrivals('?since=1000900')).summary.total).toBe(2);
    expect((await arrivals('?limit=1')).arrivals.map(({ n }) => n)).toEqual([4]);

    await bed.control('DELETE', '/arrivals');
    expect((await arrivals()).summary.total).toBe(0);
  });

  it('counts paths the vendor does not have, too, but not the control surface', async () => {
    bed = await startTestbed();
    await bed.get('/somewhere/else');
    await bed.get('/livez');
    expect((await arrivals()).summary.byPath).toEqual({ '/somewhere/else': 1 });
  });
});
