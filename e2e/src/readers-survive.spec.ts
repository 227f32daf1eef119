import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { House, type Answer } from './house.ts';
import { until } from './processes.ts';

/** Each asks another question: none of them is in the store. */
const questions = [11, 12, 13, 14, 15, 16];

describe('readers who wait while a fetcher goes', () => {
  let house: House;
  beforeEach(async () => {
    house = await House.start({ fetchers: 2 });
    await house.get('/advanced/pairs/futures');
    await house.forgetArrivals();
    await house.settings({ latencyMs: 2_000 });
  });
  afterEach(() => house.stop());

  const readAll = (): Promise<Answer>[] =>
    questions.map((limit) =>
      house.get(`/advanced/oi/history/SOL?limit=${limit}`, { 'x-deadline-ms': '45000' }),
    );
  const underWay = (): Promise<void> =>
    until('all are asked', async () => (await house.arrivals()).total >= questions.length);

  it('are answered by the other when one is killed, and at most one more request is paid for each', async () => {
    const reads = readAll();
    await underWay();
    await house.fetchers[0]!.stop('SIGKILL');
    const answers = await Promise.all(reads);
    expect(answers.map(({ status }) => status)).toEqual(questions.map(() => 200));
    expect((await house.arrivals()).total).toBeLessThanOrEqual(2 * questions.length);
  }, 90_000);

  it('notice nothing when one stops', async () => {
    const reads = readAll();
    await underWay();
    expect(await house.fetchers[0]!.stop()).toBe(0);
    const answers = await Promise.all(reads);
    expect(answers.map(({ status }) => status)).toEqual(questions.map(() => 200));
    expect((await house.arrivals()).total).toBe(questions.length);
  }, 90_000);
});
