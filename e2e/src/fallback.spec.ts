import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { House } from './house.ts';

const refusals = ['422-http', '422-body', '403-in-200'] as const;
const coins = { '422-http': 'SOL', '422-body': 'ETH', '403-in-200': 'BTC' } as const;
const paths = {
  '422-http': '/api/futures/funding-rate/history',
  '422-body': '/api/futures/open-interest/history',
  '403-in-200': '/api/futures/liquidation/history',
} as const;
const routes = {
  '422-http': '/advanced/funding/rate',
  '422-body': '/advanced/oi/history',
  '403-in-200': '/advanced/liquidation/history',
} as const;

describe('an interval that the vendor refuses', () => {
  let house: House;
  beforeAll(async () => {
    house = await House.start();
    await house.get('/advanced/pairs/futures');
    await house.scenario(
      ...refusals.map((behaviour) => ({
        path: paths[behaviour],
        params: { interval: '1h' },
        behaviour,
      })),
    );
  });
  afterAll(() => house.stop());

  it.each(refusals)('climbs to the next and says so (%s)', async (behaviour) => {
    await house.forgetArrivals();
    const path = `${routes[behaviour]}/${coins[behaviour]}?interval=1h&limit=10`;
    const first = await house.get(path);
    expect(first.status).toBe(200);
    expect(first.json.meta.fallback).toEqual({ from: '1h', to: '4h', reason: 'interval-refused' });
    expect(first.json.meta.asked.interval).toBe('1h');
    expect(first.json.meta.served.interval).toBe('4h');
    expect(first.json.data[1].time - first.json.data[0].time).toBe(4 * 3_600_000);
    expect((await house.arrivals()).total).toBe(2);

    await house.get(path);
    // Another question at the refused interval knows already.
    const other = await house.get(`${routes[behaviour]}/${coins[behaviour]}?interval=1h&limit=11`);
    expect(other.json.meta.fallback).toEqual(first.json.meta.fallback);
    expect((await house.arrivals()).total).toBe(3);
  });

  it('is a 422 for a strict caller, and costs nothing once it is known', async () => {
    await house.get('/advanced/funding/rate/SOL?interval=1h&limit=10');
    await house.forgetArrivals();
    for (const limit of [10, 12]) {
      const { status, json } = await house.get(
        `/advanced/funding/rate/SOL?interval=1h&limit=${limit}&strict=true`,
      );
      expect(status).toBe(422);
      expect(json.kind).toBe('interval-not-available');
      expect(json.errors[0].field).toBe('interval');
    }
    expect((await house.arrivals()).total).toBe(0);
  });

  it('is refused on the drop-in face unless a fallback is allowed', async () => {
    const path =
      '/api/futures/funding-rate/history?exchange=OKX&symbol=SOL-USDT-SWAP&interval=1h&limit=9';
    expect((await house.get(path)).status).toBe(422);
    const allowed = await house.get(path, { 'x-allow-fallback': 'true' });
    expect(allowed.status).toBe(200);
    expect(allowed.json.meta.fallback).toMatchObject({ from: '1h', to: '4h' });
    expect((await house.get(path)).status).toBe(422);
  });
});
