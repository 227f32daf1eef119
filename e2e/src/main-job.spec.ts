import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { request } from 'undici';
import { House } from './house.ts';

const houseRoutes = [
  '/advanced/funding/rate/SOL',
  '/advanced/funding/oi-weighted/SOL',
  '/advanced/oi/history/SOL',
  '/advanced/oi/aggregated/SOL',
  '/advanced/liquidation/history/SOL',
  '/advanced/liquidation/aggregated/SOL',
  '/advanced/etf/flows',
  '/advanced/etf/list',
  '/advanced/pairs/futures',
  '/advanced/pairs/spot',
  '/advanced/hyperliquid/positions/BTC',
];

const pair = 'exchange=OKX&symbol=SOL-USDT-SWAP';
const dropInPaths = [
  '/api/futures/supported-exchange-pairs',
  `/api/futures/funding-rate/history?${pair}&interval=4h&limit=5`,
  '/api/futures/funding-rate/oi-weight-history?symbol=SOL&interval=4h&limit=5',
  `/api/futures/open-interest/history?${pair}&interval=4h&limit=5`,
  '/api/futures/open-interest/aggregated-history?symbol=SOL&interval=4h&limit=5',
  `/api/futures/liquidation/history?${pair}&interval=4h&limit=5`,
  '/api/futures/liquidation/aggregated-history?exchange_list=Binance,OKX&symbol=SOL&interval=4h&limit=5',
  '/api/etf/bitcoin/flow-history',
  '/api/etf/bitcoin/list',
  '/api/spot/supported-exchange-pairs',
  '/api/hyperliquid/position?symbol=BTC',
];

describe('the main job', () => {
  let house: House;
  beforeAll(async () => {
    house = await House.start();
  });
  afterAll(() => house.stop());

  it.each(houseRoutes)('answers %s with the envelope, its source and its meta', async (path) => {
    const { status, headers, json } = await house.get(path);
    expect({ path, status, detail: json.detail }).toEqual({ path, status: 200, detail: undefined });
    expect(json.code).toBe('0');
    expect(json.msg).toBe('success');
    expect(json.meta).toMatchObject({ source: 'sandbox', stale: false });
    expect(json.meta.fetchedAt).toMatch(/^\d{4}-\d\d-\d\dT/);
    expect(JSON.stringify(json.data).length).toBeGreaterThan(10);
    expect(headers['x-cache']).toMatch(/^(miss|hit|coalesced)$/);
    expect(headers['x-trace-id']).toMatch(/^[0-9a-f]{32}$/);
  });

  it.each(dropInPaths)('answers %s with the bytes of the vendor', async (path) => {
    const { status, json, text } = await house.get(path, { 'CG-API-KEY': 'team-key' });
    expect({ path, status, detail: json.detail }).toEqual({ path, status: 200, detail: undefined });
    const vendor = await request(`http://127.0.0.1:${house.ports.sandbox}${path}`, {
      headers: { 'CG-API-KEY': house.vendorKey },
    });
    const sent = (await vendor.body.json()) as { data: unknown };
    // The newest candle of the vendor moves on; everything before it must be the same.
    const closed = (data: unknown) => (Array.isArray(data) ? data.slice(0, -1) : data);
    if (!path.includes('position') && !path.includes('etf/bitcoin/list')) {
      expect(closed(json.data)).toEqual(closed(sent.data));
    }
    expect(text).not.toContain(house.vendorKey);
  });

  it('turns numeric strings into numbers with the digits of the vendor on the house face', async () => {
    const houseFace = await house.get('/advanced/funding/rate/SOL?interval=4h&limit=5');
    const dropIn = await house.get(`/api/futures/funding-rate/history?${pair}&interval=4h&limit=5`);
    const row = dropIn.json.data[0] as Record<string, string>;
    expect(typeof row['close']).toBe('string');
    expect(houseFace.text).toContain(`"close":${row['close']}`);
    expect(houseFace.json.meta.units.close).toBe('percent');
  });

  it('says what was asked and what was served', async () => {
    const { json } = await house.get('/advanced/funding/rate/sol?exchange=okx&interval=4h&limit=3');
    expect(json.meta.asked).toMatchObject({
      exchange: 'OKX',
      coin: 'SOL',
      base: 'USDT',
      interval: '4h',
      limit: 3,
    });
    expect(json.meta.served).toMatchObject({
      exchange: 'OKX',
      symbol: 'SOL-USDT-SWAP',
      interval: '4h',
    });
    expect(json.data).toHaveLength(3);
    expect(json.meta.openFrom).toBe(json.data[2].time);
    expect(json.meta.coverage).toMatchObject({ from: json.data[0].time, clipped: false });
  });

  it('serves a second read from memory, unchanged, with its age, and 304 to who has it', async () => {
    const path = '/advanced/etf/flows';
    const first = await house.get(path);
    await house.forgetArrivals();
    const second = await house.get(path);
    expect(second.headers['x-cache']).toBe('hit');
    expect(second.text).toBe(first.text);
    expect(Number(second.headers['age'])).toBeGreaterThanOrEqual(0);
    const third = await house.get(path, { 'if-none-match': String(second.headers['etag']) });
    expect(third.status).toBe(304);
    expect(third.text).toBe('');
    expect((await house.arrivals()).total).toBe(0);
  });

  it.each(['br', 'gzip'] as const)('serves %s from bytes compressed once', async (encoding) => {
    const path = '/advanced/pairs/futures';
    const identity = await house.get(path);
    const read = async () => {
      const response = await request(`http://127.0.0.1:${house.ports.gateway}${path}`, {
        headers: { 'accept-encoding': encoding },
      });
      return { headers: response.headers, body: Buffer.from(await response.body.arrayBuffer()) };
    };
    await read();
    const { headers, body } = await read();
    expect(headers['content-encoding']).toBe(encoding);
    expect(headers['x-cache']).toBe('hit');
    const text = (encoding === 'br' ? brotliDecompressSync(body) : gunzipSync(body)).toString();
    expect(text).toBe(identity.text);
    expect(body.length).toBeLessThan(identity.text.length / 3);
  });

  it('narrows the list of pairs to one exchange without another request', async () => {
    await house.get('/advanced/pairs/futures');
    await house.forgetArrivals();
    const { status, json } = await house.get('/advanced/pairs/futures?exchange=bybit');
    expect(status).toBe(200);
    expect(Object.keys(json.data)).toEqual(['Bybit']);
    expect((await house.arrivals()).total).toBe(0);
  });

  it('refuses the Pro+ heatmap at no cost and names what to use instead', async () => {
    await house.forgetArrivals();
    const { status, json } = await house.get('/advanced/liquidation/heatmap/SOL');
    expect(status).toBe(403);
    expect(json).toMatchObject({ kind: 'plan-not-entitled', retryable: false, code: '403' });
    expect(json.detail).toContain('/advanced/liquidation/history/');
    expect(
      (await house.get(`/api/futures/liquidation/heatmap/model1?${pair}&range=3d`)).status,
    ).toBe(403);
    expect((await house.arrivals()).total).toBe(0);
  });

  it('drops parameters the vendor does not know on the drop-in face, and names them', async () => {
    const { status, headers } = await house.get('/api/etf/bitcoin/list?foo=1&exName=x');
    expect(status).toBe(200);
    expect(headers['x-ignored-params']).toBe('foo, exName');
  });
});
