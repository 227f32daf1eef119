import { Failure } from '@glasshouse/coinglass-client';
import { redisKeys } from '@glasshouse/fetch-queue';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import { redisReady } from '@glasshouse/service-kit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ScriptedFetcher, type Scripted } from '../testing/scripted-fetcher.ts';
import { openRoad, type OpenRoad } from './open-road.ts';
import { NotTaken } from './road.ts';

const job = { v: 1, endpoint: 'etf/bitcoin/flow-history', lane: 'probe', fresh: true } as const;
const patience = { answerMs: 5_000, pickUpMs: 5_000 };
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

(redisIsHere ? describe : describe.skip)('the road through the lane', () => {
  let redis: PrivateRedis;
  let opened: OpenRoad;
  let fetcher: ScriptedFetcher | undefined;

  beforeAll(async () => {
    redis = await PrivateRedis.started();
    opened = openRoad(redis.url, silent);
    await redisReady(opened.redis, 5_000);
  });
  afterEach(async () => {
    await fetcher?.stop();
    fetcher = undefined;
    await redis.client().flushall();
  });
  afterAll(async () => {
    await opened.close();
    await redis.stop();
  });

  const fetcherThat = (script: () => Scripted): void => {
    fetcher = new ScriptedFetcher(redis, script);
  };
  const asksLeft = (): Promise<number> => redis.client().xlen(redisKeys.asks);

  it('brings the answer of a fetcher', async () => {
    fetcherThat(() => ({ permits: 1, source: 'sandbox' }));
    await expect(opened.road.ask(job, patience)).resolves.toMatchObject({
      permits: 1,
      source: 'sandbox',
    });
  });

  it("brings a fetcher's failure with what the vendor said", async () => {
    const upstream = { status: 404, snippet: '{"code":"404"}' };
    fetcherThat(() => new Failure('upstream-rejected', 'CoinGlass answered 404', { upstream }));
    await expect(opened.road.ask(job, patience)).rejects.toMatchObject({
      kind: 'upstream-rejected',
      upstream,
    });
  });

  it('takes an untouched ask back when no fetcher comes, so that it never runs', async () => {
    await expect(opened.road.ask(job, { answerMs: 5_000, pickUpMs: 100 })).rejects.toThrow(
      NotTaken,
    );
    expect(await asksLeft()).toBe(0);
  });

  it('waits on when a fetcher has the job, however long the picking up may take', async () => {
    fetcherThat(() => 'silence');
    await expect(opened.road.ask(job, { answerMs: 500, pickUpMs: 100 })).rejects.toMatchObject({
      kind: 'deadline-passed',
    });
  });

  it('waits on when a fetcher has put the job off: it is known, and comes back', async () => {
    let times = 0;
    fetcherThat(() => (times++ === 0 ? { postponedBy: 400 } : { permits: 1 }));
    await expect(opened.road.ask(job, { answerMs: 5_000, pickUpMs: 200 })).resolves.toMatchObject({
      permits: 1,
    });
  });

  it('goes as soon as no permit is to be had before the deadline', async () => {
    fetcherThat(() => ({ postponedBy: 60_000 }));
    await expect(opened.road.ask(job, patience)).rejects.toMatchObject({ kind: 'queue-full' });
  });

  it('waits for permits and asks again, if told that they are worth waiting for', async () => {
    let times = 0;
    fetcherThat(() =>
      times++ === 0
        ? new Failure('queue-full', 'No permit falls free', { retryAfterMs: 200 })
        : { permits: 1 },
    );
    await expect(opened.road.ask(job, { ...patience, permitMs: 1_000 })).resolves.toMatchObject({
      permits: 1,
    });
  });

  it('does not wait for permits that come too late', async () => {
    fetcherThat(() => new Failure('queue-full', 'No permit falls free', { retryAfterMs: 2_000 }));
    await expect(opened.road.ask(job, { ...patience, permitMs: 1_000 })).rejects.toMatchObject({
      kind: 'queue-full',
    });
    expect(fetcher?.jobs).toHaveLength(1);
  });

  it('never joins another ask: each run of the check asks for itself', async () => {
    fetcherThat(() => ({ permits: 1 }));
    await Promise.all([opened.road.ask(job, patience), opened.road.ask(job, patience)]);
    expect(fetcher?.jobs).toHaveLength(2);
  });

  it('knows no facts of an answer that is not stored', async () => {
    await expect(opened.road.factsOf('v1.nothing')).resolves.toBeUndefined();
  });
});
