import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { House } from './house.ts';

const windowMs = 4_000;
const limit = 100;

describe('one key, one limit', () => {
  let house: House;
  beforeAll(async () => {
    house = await House.start({
      fetchers: 2,
      env: { COINGLASS_RPM: String(limit), COINGLASS_WINDOW_MS: String(windowMs) },
      sandboxEnv: { SANDBOX_LIMIT: String(limit), SANDBOX_WINDOW_MS: String(windowMs) },
    });
    await house.get('/advanced/pairs/futures');
  });
  afterAll(() => house.stop());

  it('makes one request of a hundred identical cold reads', async () => {
    await house.forgetArrivals();
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => house.get('/advanced/oi/history/SOL?limit=17')),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const states = answers.map(({ headers }) => headers['x-cache']);
    expect(states.filter((state) => state === 'miss')).toHaveLength(1);
    expect((await house.arrivals()).total).toBe(1);
  });

  it('never sends more than the limit in any window, and leaves little of it unused', async () => {
    await house.forgetArrivals();
    const asks = 600;
    const startedAt = Date.now();
    const answers = await Promise.all(
      Array.from({ length: asks }, (_, n) =>
        house.get(`/advanced/funding/rate/BTC?limit=${n + 1}`, { 'x-deadline-ms': '60000' }),
      ),
    );
    const tookMs = Date.now() - startedAt;
    const { total, maxInWindow, arrivals } = await house.arrivals();
    expect(answers.filter(({ status }) => status !== 200).map(({ text }) => text)).toEqual([]);
    expect(arrivals.filter(({ code }) => code === '429')).toEqual([]);
    expect(total).toBe(asks);
    expect(maxInWindow).toBeLessThanOrEqual(limit);
    // With all slots used, the first request beyond n windows' worth leaves when n windows have passed.
    const at = arrivals.map(({ monotonicMs }) => monotonicMs).sort((a, b) => a - b);
    const beyond = asks - limit;
    const windows = ((at[beyond] ?? Infinity) - (at[0] ?? 0)) / windowMs;
    const used = beyond / (windows * limit);
    console.log(
      `${asks} reads by two fetchers, limit ${limit} per ${windowMs} ms: ${tookMs} ms, ` +
        `worst sliding window ${maxInWindow}, used ${(used * 100).toFixed(1)} %`,
    );
    expect(used).toBeGreaterThanOrEqual(0.95);
  });
});
