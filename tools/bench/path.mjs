// What the house costs on the way of a request: a hit beside a bare Fastify route that sends the same bytes, and a miss
// beside a direct call with a permit. Everything runs in one go, interleaved, and is told as ratios.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import autocannon from 'autocannon';
import { Redis } from 'ioredis';
import { Agent, request } from 'undici';
import { catalogue, createHttpWire, createPipeline } from '@glasshouse/coinglass-client';
import { createRedisRateLimiter } from '@glasshouse/rate-limiter';
import { freePort, median, root, start, until } from './running.mjs';

const quick = process.argv.includes('--quick');
const rounds = quick ? 2 : 7;
const hitSeconds = quick ? 1 : 3;
const warmSeconds = quick ? 1 : 5;
const missesPerRound = quick ? 48 : 192;
const concurrent = 16;
const vendorLatencyMs = 50;

const node = process.execPath;
const key = 'sandbox-bench';
const folder = mkdtempSync(join(tmpdir(), 'glasshouse-bench-'));
/** @type {{ stop(): Promise<unknown> }[]} */
const running = [];
const agent = new Agent({ connections: 64 });

/** @param {string} url */
const get = async (url) => {
  const { statusCode, headers, body } = await request(url, { dispatcher: agent });
  return { status: statusCode, headers, text: await body.text() };
};

/**
 * @param {string} url
 * @param {number} seconds
 */
const load = async (url, seconds) => {
  const { requests, non2xx, errors } = await autocannon({
    url,
    connections: 64,
    duration: seconds,
  });
  if (non2xx + errors > 0) throw new Error(`${url}: ${non2xx} not 2xx, ${errors} errors`);
  return requests.average;
};

/**
 * Latencies of `count` calls, `concurrent` at a time.
 * @param {number} count
 * @param {(n: number) => Promise<void>} call
 */
const latencies = async (count, call) => {
  /** @type {number[]} */
  const took = [];
  let next = 0;
  const one = async () => {
    for (let n = next++; n < count; n = next++) {
      const startedAt = performance.now();
      await call(n);
      took.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: concurrent }, one));
  return took;
};

/** @param {number} value */
const two = (value) => value.toFixed(2);

try {
  const [redisPort, sandboxPort, gatewayPort, fetcherPort, barePort] = await Promise.all(
    Array.from({ length: 5 }, freePort),
  );
  const redisUrl = `redis://127.0.0.1:${redisPort}`;
  const env = {
    REDIS_URL: redisUrl,
    COINGLASS_BASE_URL: `http://127.0.0.1:${sandboxPort}`,
    COINGLASS_RPM: '100000',
  };
  running.push(
    start('redis-server', [
      '--port',
      String(redisPort),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      '--loglevel',
      'warning',
    ]),
    start(node, [join(root, 'apps/sandbox/dist/main.js')], {
      env: { SANDBOX_PORT: String(sandboxPort), SANDBOX_KEY: key, SANDBOX_LIMIT: '100000' },
    }),
  );
  await until(
    'sandbox',
    async () => (await get(`http://127.0.0.1:${sandboxPort}/livez`)).status === 200,
  );
  running.push(
    start(node, [join(root, 'apps/fetcher/dist/main.js')], {
      env: {
        ...env,
        FETCHER_PORT: String(fetcherPort),
        COINGLASS_API_KEY: key,
        GLASSHOUSE_FRESH_REDIS: 'true',
      },
    }),
    start(node, [join(root, 'apps/gateway/dist/main.js')], {
      env: { ...env, GATEWAY_PORT: String(gatewayPort) },
      core: 1,
    }),
  );
  const gateway = `http://127.0.0.1:${gatewayPort}`;
  await until(
    'fetcher',
    async () => (await get(`http://127.0.0.1:${fetcherPort}/readyz`)).status === 200,
  );
  await until('gateway', async () => (await get(`${gateway}/readyz`)).status === 200);

  // ---- hits --------------------------------------------------------------------------------------------------
  const sizes = [
    { name: '2 kB', path: '/advanced/funding/rate/SOL?interval=1d&limit=18' },
    { name: '100 kB', path: '/advanced/funding/rate/SOL?interval=1d&limit=1000' },
  ];
  const bodies = await Promise.all(sizes.map(({ path }) => get(gateway + path)));
  const files = bodies.map(({ text }, n) => {
    const file = join(folder, `${n}.json`);
    writeFileSync(file, text);
    return file;
  });
  running.push(
    start(node, [join(root, 'tools/bench/bare.mjs'), String(barePort), ...files], { core: 1 }),
  );
  const bare = `http://127.0.0.1:${barePort}`;
  await until('bare Fastify', async () => (await get(`${bare}/0`)).status === 200);

  console.log(
    `\nA hit beside a bare Fastify route that sends the same bytes (64 connections, ${rounds} interleaved rounds of ${hitSeconds} s, medians)\n`,
  );
  console.log('  body        gateway req/s   bare req/s   ratio   goal');
  for (const [n, { name, path }] of sizes.entries()) {
    // A hit lives for a minute at most: each round begins with a read that renews it if need be.
    await load(gateway + path, warmSeconds);
    await load(`${bare}/${n}`, warmSeconds);
    /** @type {{ ours: number, theirs: number }[]} */
    const measured = [];
    for (let round = 0; round < rounds; round += 1) {
      await until(
        'a fresh answer',
        async () => (await get(gateway + path)).headers['x-cache'] === 'hit',
      );
      const inOrder = round % 2 === 0;
      const first = await load(inOrder ? gateway + path : `${bare}/${n}`, hitSeconds);
      const second = await load(inOrder ? `${bare}/${n}` : gateway + path, hitSeconds);
      measured.push(inOrder ? { ours: first, theirs: second } : { ours: second, theirs: first });
    }
    const ratio = median(measured.map(({ ours, theirs }) => ours / theirs));
    const bytes = `${(Buffer.byteLength(bodies[n]?.text ?? '') / 1000).toFixed(1)} kB`;
    console.log(
      `  ${bytes.padEnd(10)}${median(measured.map(({ ours }) => ours))
        .toFixed(0)
        .padStart(15)}${median(measured.map(({ theirs }) => theirs))
        .toFixed(0)
        .padStart(13)}${two(ratio).padStart(8)}   >= 0.70  (${name})`,
    );
  }

  // ---- misses ------------------------------------------------------------------------------------------------
  await request(`http://127.0.0.1:${sandboxPort}/__sandbox/settings`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ latencyMs: vendorLatencyMs }),
    dispatcher: agent,
  }).then(({ body }) => body.dump());
  const redis = new Redis(redisUrl);
  const limiter = createRedisRateLimiter({
    redis,
    upstream: 'http://direct.bench',
    keyDigest: 'bench',
    limit: 100_000,
  });
  await limiter.declareEpoch();
  await limiter.start();
  const wire = createHttpWire({ baseUrl: `http://127.0.0.1:${sandboxPort}`, apiKey: () => key });
  const send = createPipeline({
    wire,
    permits: limiter,
    mask: (text) => text.replaceAll(key, '***'),
    onAttempt: () => undefined,
  });
  const endpoint = catalogue['futures/funding-rate/history'];
  const signal = new AbortController().signal;
  // 20 candles are 2 kB; every ask is another range, so none is in the store.
  const day = 86_400_000;
  const today = Math.floor(Date.now() / day) * day;
  let distinct = 0;
  const nextRange = () => {
    const start = today - (40 + distinct++) * day;
    return { start_time: String(start), end_time: String(start + 20 * day) };
  };
  const direct = () =>
    latencies(missesPerRound, async () => {
      await send({
        endpoint,
        params: {
          exchange: 'OKX',
          symbol: 'SOL-USDT-SWAP',
          interval: '1d',
          limit: '1000',
          ...nextRange(),
        },
        lane: 'interactive',
        arm: 'baseline',
        deadlineAt: Date.now() + 15_000,
        signal,
      });
    });
  const through = () =>
    latencies(missesPerRound, async () => {
      const query = new URLSearchParams({ interval: '1d', ...nextRange() });
      const { status, headers, text } = await get(`${gateway}/advanced/funding/rate/SOL?${query}`);
      if (status !== 200 || headers['x-cache'] !== 'miss')
        throw new Error(`no miss: ${status} ${text.slice(0, 300)}`);
    });
  await direct();
  await through();
  /** @type {{ direct: number, through: number }[]} */
  const misses = [];
  for (let round = 0; round < rounds; round += 1) {
    const inOrder = round % 2 === 0;
    const first = median(await (inOrder ? direct() : through()));
    const second = median(await (inOrder ? through() : direct()));
    misses.push(inOrder ? { direct: first, through: second } : { direct: second, through: first });
  }
  const p50 = median(misses.map((round) => round.through));
  const p50Direct = median(misses.map((round) => round.direct));
  const added = median(misses.map((round) => round.through - round.direct));
  console.log(
    `\nA 2 kB miss beside a direct call with a permit (vendor ${vendorLatencyMs} ms, ${concurrent} concurrent, ${rounds} rounds of ${missesPerRound}, p50)\n`,
  );
  console.log('  gateway ms   direct ms   added ms   ratio   goal');
  console.log(
    `${two(p50).padStart(12)}${two(p50Direct).padStart(12)}${two(added).padStart(11)}${two(p50 / p50Direct).padStart(8)}   added <= 12 ms\n`,
  );
  await limiter.close();
  redis.disconnect();
  await wire.close();
} finally {
  await agent.close();
  for (const process of running.reverse()) await process.stop();
  rmSync(folder, { recursive: true, force: true });
}
