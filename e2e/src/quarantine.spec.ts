import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Queue } from 'bullmq';
import { House } from './house.ts';
import { root, until } from './processes.ts';
import { SupervisedFetcher } from './supervised-fetcher.ts';

const poison = join(root, 'apps/fetcher/dist/testing/poison.js');
const innocents = 30;

describe('a job that kills its worker', () => {
  let house: House;
  let queue: Queue;
  let fetcher: SupervisedFetcher;

  beforeAll(async () => {
    house = await House.start({ fetcherNodeArgs: ['--import', poison] });
    const connection = { host: '127.0.0.1', port: house.redis.port };
    queue = new Queue('coinglass-fetch', { connection, prefix: '{coinglass}' });
    await house.get('/advanced/pairs/futures');
    await house.fetchers[0]?.stop();
    fetcher = new SupervisedFetcher(house);
  });
  afterAll(async () => {
    await fetcher.stop();
    await queue.close();
    await house.stop();
  });

  it('fails alone, by name, and every neighbour it had is answered', async () => {
    await house.scenario({ path: '/api/futures/open-interest/*', behaviour: 'slow', delayMs: 600 });
    const job = (coin: string, limit: number) => ({
      name: 'any',
      data: {
        v: 1,
        endpoint: 'futures/open-interest/history',
        ...(coin === 'SOL'
          ? { params: { exchange: 'OKX', symbol: 'SOL-USDT-SWAP', interval: '4h', limit } }
          : { instrument: { exchange: 'OKX', coin }, interval: '4h' }),
      },
      opts: { jobId: `j-${coin}-${limit}` },
    });
    const neighbours = Array.from({ length: innocents }, (_, n) => job('SOL', n + 1));
    await queue.addBulk([...neighbours.slice(0, 8), job('poison-exit', 0), ...neighbours.slice(8)]);
    await fetcher.start();
    await until(
      'every job has ended',
      async () => (await queue.getJobCountByTypes('completed', 'failed')) === innocents + 1,
      150_000,
    );
    expect(await queue.getCompletedCount()).toBe(innocents);
    const failed = await queue.getFailed();
    expect(failed.map(({ id, failedReason }) => ({ id, failedReason }))).toEqual([
      { id: 'j-poison-exit-0', failedReason: expect.stringMatching(/^poison-job: .* 2 times/) },
    ]);
    expect(fetcher.deaths).toBe(1);
  }, 180_000);
});
