import { catalogue, createHttpWire, createPipeline } from '@glasshouse/coinglass-client';
import { createRedisRateLimiter } from '@glasshouse/rate-limiter';
import { Agent } from 'undici';
import { cpuUsOf, openHouse, openSandbox, sandboxKey } from '../house.mjs';
import { usageOf } from '../redis-usage.mjs';
import { atOnce, interleaved, medianRatio } from '../rounds.mjs';
import { median } from '../running.mjs';
import { table } from '../table.mjs';

const vendorLatencyMs = 50;
const hour = 3_600_000;
const thisHour = Math.floor(Date.now() / hour) * hour;
const endpoint = catalogue['futures/funding-rate/history'];

/** Until V8 has compiled what runs for each call: a house that has run for a while has. */
const warmUp = { concurrent: 32, count: 6_000 };

let distinct = 0;
/** 20 candles are 2 kB; every ask is another range, so none is in the store. */
const nextRange = () => {
  const start = thisHour - (40 + distinct++) * hour;
  return { start_time: String(start), end_time: String(start + 20 * hour) };
};

/** @typedef {Awaited<ReturnType<typeof openHouse>>} House */

/** A reader's miss, by the gateway. @param {House} house @param {Agent} agent */
const throughTheHouse = (house, agent) => async () => {
  const query = new URLSearchParams({ interval: '1h', ...nextRange() });
  const path = `/advanced/funding/rate/SOL?${query}`;
  const { statusCode, headers, body } = await agent.request({
    origin: house.gateway.url,
    method: 'GET',
    path,
  });
  const text = await body.text();
  if (statusCode !== 200 || headers['x-cache'] !== 'miss')
    throw new Error(`no miss: ${statusCode} ${text.slice(0, 300)}`);
};

/**
 * The same question from here, with a permit from the same Redis. To a vendor of its own: to the house's it would be a stranger who uses
 * the key.
 * @param {House} house
 */
const openDirect = async (house) => {
  const vendor = await openSandbox(vendorLatencyMs);
  const limiter = createRedisRateLimiter({
    redis: house.redis.client(),
    upstream: 'http://direct.bench',
    keyDigest: 'bench',
    limit: 100_000,
  });
  await limiter.declareEpoch();
  await limiter.start();
  const wire = createHttpWire({ baseUrl: vendor.url, apiKey: () => sandboxKey });
  const send = createPipeline({
    wire,
    permits: limiter,
    mask: (text) => text.replaceAll(sandboxKey, '***'),
    onAttempt: () => undefined,
  });
  const { signal } = new AbortController();
  return {
    call: async () => {
      const params = {
        exchange: 'OKX',
        symbol: 'SOL-USDT-SWAP',
        interval: '1h',
        limit: '1000',
        ...nextRange(),
      };
      const team = { id: 'bench', weight: 1 };
      await send({
        endpoint,
        params,
        lane: 'interactive',
        arm: 'baseline',
        team,
        deadlineAt: Date.now() + 15_000,
        signal,
      });
    },
    close: async () => {
      await limiter.close();
      await wire.close();
      await vendor.stop();
    },
  };
};

/**
 * @param {() => Promise<void>} call
 * @param {{ count: number, concurrent: number }} load
 * @param {House} house
 */
const measure = async (call, { count, concurrent }, house) => {
  /** @type {number[]} */
  const tookMs = [];
  const cpuUs = () => ({
    gateway: cpuUsOf(house.gateway.child.pid),
    fetcher: cpuUsOf(house.fetcher.child.pid),
  });
  const before = cpuUs();
  const usage = await usageOf(house.redis.client(), () =>
    atOnce(count, concurrent, async () => {
      const from = performance.now();
      await call();
      tookMs.push(performance.now() - from);
    }),
  );
  const after = cpuUs();
  return {
    p50: median(tookMs),
    gatewayUs: (after.gateway - before.gateway) / count,
    fetcherUs: (after.fetcher - before.fetcher) / count,
    redisUs: usage.cpuUs / count,
    commands: usage.commands / count,
  };
};

/**
 * What the way through gateway, queue and fetcher adds to a call, at so many readers at once.
 * @param {{ rounds: number, loads: readonly { concurrent: number, count: number, goalMs: number }[] }} size
 */
export const measureMisses = async ({ rounds, loads }) => {
  const house = await openHouse({ vendorLatencyMs });
  const agent = new Agent({ connections: 256 });
  const direct = await openDirect(house);
  const through = throughTheHouse(house, agent);
  try {
    for (const call of [direct.call, through]) await measure(call, warmUp, house);
    const rows = [];
    for (const { goalMs, ...load } of loads) {
      for (const call of [direct.call, through]) await measure(call, load, house);
      const { direct: ours = [], through: theirs = [] } = await interleaved(rounds, {
        direct: () => measure(direct.call, load, house),
        through: () => measure(through, load, house),
      });
      const p50 = {
        direct: ours.map((round) => round.p50),
        through: theirs.map((round) => round.p50),
      };
      /** @param {'gatewayUs' | 'fetcherUs' | 'redisUs' | 'commands'} what */
      const each = (what) => median(theirs.map((round) => round[what])).toFixed(0);
      rows.push([
        String(load.concurrent),
        median(p50.direct).toFixed(1),
        median(p50.through).toFixed(1),
        median(p50.through.map((ms, round) => ms - (p50.direct[round] ?? NaN))).toFixed(1),
        `<= ${goalMs}`,
        medianRatio(p50.through, p50.direct).toFixed(2),
        ...[each('gatewayUs'), each('fetcherUs'), each('redisUs'), each('commands')],
      ]);
    }
    return table(
      [
        'at once',
        'direct ms',
        'through ms',
        'added ms',
        'goal',
        'ratio',
        'gateway µs',
        'fetcher µs',
        'Redis µs',
        'commands',
      ],
      rows,
    );
  } finally {
    await direct.close();
    await agent.close();
    await house.stop();
  }
};
