import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Queue } from 'bullmq';
import { House } from '../house.ts';
import { root, until } from '../processes.ts';
import { SupervisedFetcher } from '../supervised-fetcher.ts';
import { ample, jobOf, openSharedQueue, tell } from './load.ts';

const poison = join(root, 'apps/fetcher/dist/testing/poison.js');
const innocents = 30;

describe('a job that ends its worker', () => {
  let house: House;
  let queue: Queue;
  let fetchers: SupervisedFetcher[] = [];
  afterEach(async () => {
    await Promise.all(fetchers.map((fetcher) => fetcher.stop()));
    await queue.close();
    await house.stop();
  });

  it.each(['poison-exit', 'poison-kill', 'poison-memory', 'poison-loop'])(
    'by %s fails alone',
    async (crime) => {
      house = await House.start({
        ...ample,
        // A hoarder should not take the machine along.
        fetcherNodeArgs: ['--max-old-space-size=160', '--import', poison],
        sandboxEnv: { ...ample.sandboxEnv, SANDBOX_LATENCY_MS: '600' },
      });
      await house.fetchers[0]?.stop();
      queue = openSharedQueue(house);
      fetchers = [new SupervisedFetcher(house), new SupervisedFetcher(house)];
      const jobs = Array.from({ length: innocents }, (_, n) => jobOf(n + 1));
      const culprit = {
        name: 'proof',
        data: {
          v: 1,
          endpoint: 'futures/open-interest/history',
          instrument: { exchange: 'OKX', coin: crime },
        },
        opts: { jobId: 'j-culprit' },
      };
      await queue.addBulk([...jobs.slice(0, 4), culprit, ...jobs.slice(4)]);
      const startedAt = performance.now();
      await Promise.all(fetchers.map((fetcher) => fetcher.start()));
      await until(
        'all have ended',
        async () => (await queue.getJobCountByTypes('completed', 'failed')) === innocents + 1,
        420_000,
      );
      const failed = (await queue.getFailed()).map(
        ({ id, failedReason }) => `${id} ${failedReason}`,
      );
      const deaths = fetchers.reduce((sum, fetcher) => sum + fetcher.deaths, 0);
      const tookS = Math.round((performance.now() - startedAt) / 1_000);
      tell(
        `${crime}: ${await queue.getCompletedCount()} of ${innocents} innocents completed, ` +
          `failed: ${failed.join('; ')}; fetchers died ${deaths} times; ${tookS} s`,
      );
      expect(await queue.getCompletedCount()).toBe(innocents);
      expect(failed).toEqual([expect.stringMatching(/^j-culprit poison-job: /)]);
      expect(deaths).toBe(1);
    },
    480_000,
  );
});
