import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Collector } from './collector.ts';
import { House } from './house.ts';
import { until } from './processes.ts';
import { formsOf, redisDump } from './redis-dump.ts';

describe('traces and secrets', () => {
  const collector = new Collector();
  let house: House;
  beforeAll(async () => {
    await collector.start();
    house = await House.start({
      health: true,
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.port}`,
        OTEL_BSP_SCHEDULE_DELAY: '200',
        LOG_LEVEL: 'debug',
      },
    });
    await house.get('/advanced/pairs/futures');
  });
  afterAll(async () => {
    await house.stop();
    await collector.stop();
  });

  it('links the gateway, the job and each attempt by one trace', async () => {
    await house.scenario({
      path: '/api/futures/funding-rate/history',
      params: { interval: '1h' },
      behaviour: '422-http',
    });
    const { status, headers } = await house.get('/advanced/funding/rate/ETH');
    expect(status).toBe(200);
    const traceId = String(headers['x-trace-id']);
    await until('all spans have been exported', () => collector.tree(traceId).length >= 4);
    const tree = collector.tree(traceId);
    console.log(tree.join('\n'));
    expect(tree[0]).toMatch(/gateway: GET \/advanced\/funding\/rate\/:coin$/);
    expect(tree.some((line) => /fetcher: process coinglass-interactive/.test(line))).toBe(true);
    const attempts = tree.filter((line) =>
      line.endsWith('fetcher: GET /api/futures/funding-rate/history'),
    );
    expect(attempts).toHaveLength(2);
    for (const line of attempts) expect(line.startsWith('    ')).toBe(true);
    const attemptLines = () =>
      (house.fetchers[0]?.output().split('\n') ?? []).filter(
        (line) => line.includes('coinglass.attempt') && line.includes(traceId),
      );
    await until('the log tells of both', () => attemptLines().length >= 2);
    expect(attemptLines()).toHaveLength(2);
    expect(JSON.parse(attemptLines()[0] ?? '')).toMatchObject({ status: 422, attempt: 1 });
  });

  it("takes a caller's traceparent for its parent", async () => {
    const traceId = 'a'.repeat(31) + '1';
    const { headers } = await house.get('/advanced/oi/history/SOL?limit=3', {
      traceparent: `00-${traceId}-00f067aa0ba902b7-01`,
    });
    expect(headers['x-trace-id']).toBe(traceId);
  });

  it('lets the vendor key and what a client sends as key appear nowhere', async () => {
    const teamKey = 'team-secret-0123456789abcdef';
    await house.get('/api/etf/bitcoin/flow-history', { 'CG-API-KEY': teamKey });
    await house.get('/advanced/etf/list', { authorization: `Bearer ${teamKey}` });
    await house.scenario({ path: '/api/futures/open-interest/*', behaviour: '401-key' });
    await house.get('/advanced/oi/history/BTC?limit=4');
    await until('the start check has ended', async () => {
      const { json } = await house.get('/health', {}, house.ports.health);
      return json.startCheck.verdict !== 'running';
    });
    const dump = await redisDump(house.redis.url);
    const logs = [house.gateway, house.health, ...house.fetchers]
      .map((running) => running?.output())
      .join('\n');
    expect(dump.length).toBeGreaterThan(10_000);
    expect(collector.received.length).toBeGreaterThan(1_000);
    for (const secret of [house.vendorKey, teamKey]) {
      for (const form of formsOf(secret)) {
        expect(dump.includes(form)).toBe(false);
        expect(logs.includes(form)).toBe(false);
        expect(collector.received.includes(form)).toBe(false);
      }
    }
  });
});
