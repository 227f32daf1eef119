import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startTestbed, type Testbed } from '../testbed.ts';

/** Bodies that people have recorded against the live vendor, and the ask that brings each about. */
const funding = 'futures/funding-rate/history';
const sol = { exchange: 'OKX', symbol: 'SOL-USDT-SWAP', interval: '1h' };
const recorded = [
  {
    what: 'no key',
    path: funding,
    params: sol,
    headers: {},
    body: { code: '401', msg: 'API key missing.' },
  },
  {
    what: 'the key under its old header name',
    path: funding,
    params: sol,
    headers: { coinglassSecret: 'sandbox' },
    body: { code: '401', msg: 'API key missing.' },
  },
  {
    what: 'an unknown key',
    path: funding,
    params: sol,
    headers: { 'CG-API-KEY': 'bogus' },
    body: { code: '400', msg: 'Invalid API key provided' },
  },
  {
    what: 'an endpoint above the plan',
    path: 'futures/liquidation/heatmap/model1',
    params: { exchange: 'Binance', symbol: 'BTCUSDT', range: '3d' },
    body: { code: '401', msg: 'Upgrade plan' },
  },
  {
    what: 'an interval below the plan',
    plan: 'hobbyist',
    path: funding,
    params: sol,
    body: {
      code: '403',
      msg: 'The requested interval is not available for your current API plan.',
    },
  },
  {
    what: 'aggregated liquidations without exchange_list',
    path: 'futures/liquidation/aggregated-history',
    params: { symbol: 'SOL', interval: '1h' },
    body: { code: '400', msg: "Required String parameter 'exchange_list' is not present" },
  },
  {
    what: 'a pair the exchange does not have',
    path: funding,
    params: { ...sol, symbol: 'SOL-USDT' },
    body: {
      code: '400',
      msg: expect.stringMatching(
        /^The requested pair does not exist on the exchange\. Please check the documentation to view supported /,
      ),
    },
  },
  {
    what: 'a pair on a coin endpoint',
    path: 'futures/open-interest/aggregated-history',
    params: { symbol: 'BTCUSDT', interval: '1h' },
    body: { code: '0', msg: 'success', data: [] },
  },
  {
    what: 'an unknown path',
    status: 404,
    path: 'futures/fundingRate/ohlc-history',
    params: {},
    body: {
      code: '404',
      msg: 'Endpoint not found. Please refer to the API documentation: https://docs.coinglass.com/reference/endpoint-overview',
    },
  },
];

describe('the refusals', () => {
  let bed: Testbed;
  beforeAll(async () => {
    bed = await startTestbed();
  });
  beforeEach(() => bed.control('DELETE', ''));
  afterAll(() => bed.sandbox.close());

  it.each(recorded)('are what was recorded for $what', async (each) => {
    if (each.plan) await bed.control('PUT', '/settings', { plan: each.plan });
    const init = each.headers ? { headers: each.headers as Record<string, string> } : {};
    const heard = await bed.get(each.path, each.params, init);
    expect({ status: heard.status, body: heard.body }).toEqual({
      status: each.status ?? 200,
      body: each.body,
    });
    expect(heard.headers.get('x-glasshouse-sandbox')).toBe('1');
  });

  it.each(['exchange', 'symbol', 'interval'])(
    'name a missing %s in Spring wording',
    async (name) => {
      const rest = Object.fromEntries(Object.entries(sol).filter(([each]) => each !== name));
      const { body } = await bed.get(funding, rest);
      expect(body).toEqual({
        code: '400',
        msg: `Required String parameter '${name}' is not present`,
      });
    },
  );

  it('include 405 for any method but GET, whatever its body', async () => {
    const heard = await bed.get(funding, sol, {
      method: 'POST',
      body: '{ no json',
      headers: { 'CG-API-KEY': 'sandbox', 'content-type': 'application/json' },
    });
    expect(heard).toMatchObject({ status: 405, body: { code: '405' } });
  });

  it('bear the label even where the path or the request itself is malformed', async () => {
    const heard = await bed.get('/api/%zz');
    expect(heard.status).toBe(404);
    expect(heard.headers.get('x-glasshouse-sandbox')).toBe('1');
  });

  it('refuse intervals the vendor takes nowhere, and numbers that are none', async () => {
    for (const wrong of [{ interval: '2h' }, { interval: 'h1' }, { limit: 'ten' }]) {
      const { body } = await bed.get(funding, { ...sol, ...wrong });
      expect(body).toMatchObject({ code: '400' });
    }
  });

  it('open an endpoint when the plan grows', async () => {
    await bed.control('PUT', '/settings', { plan: 'startup' });
    const before = await bed.get('hyperliquid/position', { symbol: 'BTC' });
    await bed.control('PUT', '/settings', { plan: 'standard' });
    const after = await bed.get('hyperliquid/position', { symbol: 'BTC' });
    expect([before.body?.msg, after.body?.code]).toEqual(['Upgrade plan', '0']);
  });

  it('accept one key only when one is configured', async () => {
    const strict = await startTestbed({ key: 'just-this-one' });
    const ask = (key: string) => strict.get(funding, sol, { headers: { 'CG-API-KEY': key } });
    const [any, right] = [await ask('sandbox'), await ask('just-this-one')];
    await strict.sandbox.close();
    expect([any.body?.msg, right.body?.code]).toEqual(['Invalid API key provided', '0']);
  });
});
