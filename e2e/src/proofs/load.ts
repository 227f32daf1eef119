import { Queue } from 'bullmq';
import type { House } from '../house.ts';

const fourHoursMs = 4 * 3_600_000;
/** Long closed, so that an answer never ages within a proof. */
const endTime = Math.floor(Date.now() / fourHoursMs) * fourHoursMs - 60 * fourHoursMs;

/** The nth question: no two are the same, and the arrival log names each by its `limit`. */
export const jobOf = (n: number) => ({
  name: 'proof',
  data: {
    v: 1,
    endpoint: 'futures/open-interest/history',
    params: {
      ...{ exchange: 'OKX', symbol: 'SOL-USDT-SWAP', interval: '4h', limit: n },
      ...{ start_time: endTime - n * fourHoursMs, end_time: endTime },
    },
  },
  opts: { jobId: `j-${n}` },
});

/** A producer that knows BullMQ and the queue's page. */
export const openSharedQueue = (house: House): Queue => {
  const connection = { host: '127.0.0.1', port: house.redis.port };
  const queue = new Queue('coinglass-fetch', { connection, prefix: '{coinglass}' });
  queue.on('error', () => undefined);
  return queue;
};

/** For a house in which the limit is not what is tried: as many requests as the processes can make. */
export const ample = {
  env: { COINGLASS_RPM: '20000', FETCHER_SHARED_CONCURRENCY: '8', LOG_LEVEL: 'warn' },
  sandboxEnv: { SANDBOX_LIMIT: '100000' },
} as const;

/** How many times each question arrived at the vendor, and when (epoch ms). */
export const arrivalsOf = async (house: House): Promise<ReadonlyMap<number, readonly number[]>> => {
  const { json } = await house.get('/__sandbox/arrivals?limit=100000', {}, house.ports.sandbox);
  const seen = new Map<number, number[]>();
  for (const { path, params, atMs } of json.arrivals as {
    path: string;
    params: Record<string, string>;
    atMs: number;
  }[]) {
    if (!path.includes('open-interest')) continue;
    const n = Number(params['limit']);
    seen.set(n, [...(seen.get(n) ?? []), atMs]);
  }
  return seen;
};

/** What a proof has found, for whoever runs it. */
export const tell = (line: string): void => void process.stdout.write(`PROOF  ${line}\n`);

export const numberFrom = (name: string, otherwise: number): number =>
  Number(process.env[name] ?? otherwise);
