import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { House } from './house.ts';
import { until } from './processes.ts';

describe('when things fail', () => {
  let house: House;
  beforeAll(async () => {
    house = await House.start();
    await house.get('/advanced/pairs/futures');
  });
  afterEach(() => house.scenario());
  afterAll(() => house.stop());

  it.each([
    ['500-http', 503, 'upstream-unavailable'],
    ['500-body', 503, 'upstream-unavailable'],
    ['reset', 503, 'upstream-unavailable'],
    ['html', 502, 'upstream-malformed'],
    ['truncated', 502, 'upstream-malformed'],
    ['drift-rename', 502, 'upstream-malformed'],
    ['drift-retype', 502, 'upstream-malformed'],
    ['not-a-number', 502, 'upstream-malformed'],
    ['redirect', 502, 'upstream-rejected'],
    ['404', 502, 'upstream-rejected'],
    ['upgrade-plan', 403, 'plan-not-entitled'],
  ])('%s becomes a %i %s', async (behaviour, status, kind) => {
    const coin = 'DOGE';
    const route = behaviour === 'upgrade-plan' ? 'oi/aggregated' : 'oi/history';
    await house.scenario({
      path: '/api/futures/open-interest/*',
      behaviour,
      ...(behaviour === 'html' && { status: 200 }),
    });
    const answer = await house.get(
      `/advanced/${route}/${coin}?limit=${behaviour.length * 7 + status}`,
      {
        'x-deadline-ms': '8000',
      },
    );
    expect({ status: answer.status, kind: answer.json.kind }).toEqual({ status, kind });
    if (status === 503) expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(answer.json.retryable).toBe(status === 503);
  });

  it('tolerates a new field', async () => {
    await house.scenario({ path: '/api/futures/open-interest/*', behaviour: 'drift-add' });
    expect((await house.get('/advanced/oi/history/XRP?limit=33')).status).toBe(200);
  });
});

describe.each(['429-http', '429-body'])('when the vendor throttles us (%s)', (behaviour) => {
  let house: House;
  beforeAll(async () => {
    house = await House.start();
    await house.get('/advanced/pairs/futures');
  });
  afterAll(() => house.stop());

  it('cures what passes without the caller noticing', async () => {
    await house.scenario({ path: '/api/futures/liquidation/*', behaviour, times: 1 });
    await house.forgetArrivals();
    const { status, json } = await house.get('/advanced/liquidation/history/SOL?limit=21');
    expect({ status, detail: json.detail }).toEqual({ status: 200, detail: undefined });
    expect((await house.arrivals()).total).toBe(2);
    expect(json.meta.permits).toBe(2);
  });

  it('is a 503 with the time to wait when it does not, and stops everybody', async () => {
    await house.scenario({ path: '/api/futures/liquidation/*', behaviour });
    await house.forgetArrivals();
    const { status, headers, json } = await house.get(
      '/advanced/liquidation/history/SOL?limit=22',
      {
        'x-deadline-ms': '8000',
      },
    );
    expect({ status, kind: json.kind }).toEqual({ status: 503, kind: 'upstream-throttled' });
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    const other = await house.get('/advanced/oi/history/SOL?limit=22', { 'x-deadline-ms': '500' });
    expect({ status: other.status, kind: other.json.kind }).toEqual({
      status: 503,
      kind: 'upstream-throttled',
    });
    expect((await house.arrivals()).total).toBeLessThanOrEqual(6);
  });
});

describe('when Redis goes away', () => {
  let house: House;
  beforeAll(async () => {
    house = await House.start({ env: { COINGLASS_WINDOW_MS: '2000' } });
    await house.get('/advanced/pairs/futures');
  });
  afterAll(() => house.stop());

  it('serves memory while Redis is away, refuses the rest at once, and recovers by itself', async () => {
    const known = '/advanced/etf/list';
    await house.get(known);
    await house.redis.kill();
    const hit = await house.get(known);
    expect(hit.status).toBe(200);
    const startedAt = Date.now();
    const unknown = await house.get('/advanced/oi/history/SOL?limit=77');
    const tookMs = Date.now() - startedAt;
    expect({ status: unknown.status, kind: unknown.json.kind }).toEqual({
      status: 503,
      kind: 'store-unavailable',
    });
    expect(tookMs).toBeLessThan(600);
    expect((await house.get('/livez')).status).toBe(200);
    expect((await house.get('/readyz')).status).toBe(200);
    await house.redis.start();
    await until(
      'the house answers again',
      async () =>
        (await house.get('/advanced/etf/flows', { 'x-deadline-ms': '2000' })).status === 200,
      90_000,
    );
  }, 120_000);
});

describe('when the vendor is down', () => {
  let house: House;
  beforeAll(async () => {
    house = await House.start();
  });
  afterAll(() => house.stop());

  it('serves stale answers inside their cap, marked, and 503 for what it never had', async () => {
    await house.get('/advanced/pairs/futures');
    const path = '/advanced/hyperliquid/positions/SOL';
    expect((await house.get(path)).json.meta.stale).toBe(false);
    await house.scenario({ path: '/api/*', behaviour: '500-http' });
    await until(
      'the answer is stale and says why',
      async () => {
        const { status, json } = await house.get(path);
        expect(status).toBe(200);
        return json.meta.stale === true && json.meta.staleReason === 'upstream-unavailable';
      },
      45_000,
    );
    const never = await house.get('/advanced/hyperliquid/positions/ETH', {
      'x-deadline-ms': '9000',
    });
    expect(never.status).toBe(503);
    expect(Number(never.headers['retry-after'])).toBeGreaterThan(0);
  }, 60_000);
});

describe('when the key is wrong', () => {
  let house: House;
  beforeAll(async () => {
    house = await House.start();
  });
  afterAll(() => house.stop());

  it('answers 503 upstream-credentials, never 401, and probes at most once a minute', async () => {
    await house.scenario({ path: '/api/*', behaviour: '401-key' });
    await house.forgetArrivals();
    for (const path of ['/advanced/etf/flows', '/advanced/etf/list', '/advanced/etf/flows']) {
      const { status, json } = await house.get(path);
      expect({ status, kind: json.kind }).toEqual({ status: 503, kind: 'upstream-credentials' });
    }
    expect((await house.arrivals()).total).toBe(1);
  });
});

describe('when a fetcher is told to stop', () => {
  let house: House;
  beforeAll(async () => {
    house = await House.start();
    await house.get('/advanced/pairs/futures');
  });
  afterAll(() => house.stop());

  it('ends with 0, and what it had taken is answered by the next', async () => {
    await house.scenario({
      path: '/api/futures/open-interest/*',
      behaviour: 'slow',
      delayMs: 1_500,
    });
    const asks = Array.from({ length: 20 }, (_, n) =>
      house.get(`/advanced/oi/history/SOL?limit=${n + 1}`, { 'x-deadline-ms': '40000' }),
    );
    await until('requests are under way', async () => (await house.arrivals()).total >= 5);
    const [first] = house.fetchers;
    const [code] = await Promise.all([first?.stop('SIGTERM'), house.startFetcher()]);
    expect(code).toBe(0);
    const answers = await Promise.all(asks);
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
  }, 60_000);
});
