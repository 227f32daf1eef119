import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { PrivateRedis } from '@glasshouse/private-redis';
import { request } from 'undici';
import { freePort, start, until } from '../running.mjs';
import { table } from '../table.mjs';
import { contestants, fillQueue } from './contestants.mjs';
import { mostInAligned, mostInSliding, shareUsed } from './windows.mjs';

const script = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url));
const processes = 3;
const concurrent = 100;
/** For the workers to start in. */
const leadMs = 1_500;

/** @typedef {{ limit: number, windowMs: number, windows: number }} Size */

/**
 * @param {string} name of the contestant
 * @param {'sliding' | 'aligned'} by how the vendor counts
 * @param {Size} size
 * @param {string} vendorUrl
 */
const contest = async (name, by, { limit, windowMs, windows }, vendorUrl) => {
  const server = await PrivateRedis.started();
  try {
    if (name.startsWith('BullMQ')) await fillQueue(server.client(), limit * (windows + 1));
    await request(`${vendorUrl}/count?by=${by}`, { method: 'PUT' }).then(({ body }) => body.dump());
    // At the beginning of a window of the clock, so that the vendor who counts by it gives everybody the same number of them.
    const startAt = Math.ceil((Date.now() + leadMs) / windowMs) * windowMs;
    const terms = {
      redisUrl: server.url,
      vendorUrl,
      limit,
      windowMs,
      concurrent,
      startAt,
      endAt: startAt + windows * windowMs,
    };
    const workers = Array.from({ length: processes }, () =>
      start(process.execPath, [script('worker.mjs'), name, JSON.stringify(terms)]),
    );
    await Promise.all(workers.map(({ child }) => once(child, 'exit')));
    const { body } = await request(`${vendorUrl}/arrivals`);
    const arrivals = /** @type {import('./windows.mjs').Arrival[]} */ (await body.json());
    return [
      name,
      by,
      String(arrivals.length),
      String(arrivals.filter(({ allowed }) => !allowed).length),
      String(mostInSliding(arrivals, windowMs)),
      String(mostInAligned(arrivals, windowMs)),
      shareUsed(arrivals, { limit, windowMs, startAt, windows }).toFixed(3),
    ];
  } finally {
    await server.stop();
  }
};

/** Each contestant alone, against each way of counting, on a Redis and with processes of its own. @param {Size} size */
export const measureExactness = async (size) => {
  const port = await freePort();
  const { limit, windowMs } = size;
  const vendor = start(process.execPath, [
    script('vendor.mjs'),
    ...[port, limit, windowMs].map(String),
  ]);
  const vendorUrl = `http://127.0.0.1:${port}`;
  try {
    await until('vendor', async () => (await request(vendorUrl)).statusCode === 200);
    const rows = [];
    for (const by of /** @type {const} */ (['sliding', 'aligned'])) {
      for (const name of Object.keys(contestants))
        rows.push(await contest(name, by, size, vendorUrl));
    }
    return table(
      ['', 'vendor counts', 'requests', '429s', 'most sliding', 'most aligned', 'used'],
      rows,
    );
  } finally {
    await vendor.stop();
  }
};
