import { describe, expect, it } from '@jest/globals';
import { classify } from './classify.ts';
import { Failure } from './failures.ts';
import { createRefusalMemory, refusalKeysFor, refusalOf } from './refusals.ts';

const endpoint = { id: 'futures/funding-rate/history' };
const params = { exchange: 'OKX', interval: '1h', symbol: 'SOL-USDT-SWAP' };
const question = { endpoint, params };
const refused = (code: string, message: string) =>
  classify({ status: 200, code, message, intervalSent: true });

const byPlan = refused('403', 'The requested interval is not available for your current API plan.');
const unacceptable = refused('422', '');

/** What another question finds, after this failure was remembered. */
const recalled = async (failure: Failure, other = question, afterMs = 0) => {
  let nowMs = 0;
  const memory = createRefusalMemory(() => nowMs);
  const refusal = refusalOf(failure, question);
  if (refusal) await memory.remember(refusal.key, refusal.record, refusal.ttlMs);
  nowMs = afterMs;
  return (await memory.recall(refusalKeysFor(other.endpoint, other.params)))?.kind;
};

describe('a remembered refusal', () => {
  it('of an interval by the plan holds for the endpoint and interval, whatever the symbol, 10 minutes', async () => {
    const otherSymbol = { endpoint, params: { ...params, exchange: 'Binance', symbol: 'SOLUSDT' } };
    expect(await recalled(byPlan, otherSymbol, 599_999)).toBe('interval-not-available');
    expect(await recalled(byPlan, otherSymbol, 600_000)).toBeUndefined();
    expect(
      await recalled(byPlan, { endpoint, params: { ...params, interval: '4h' } }),
    ).toBeUndefined();
    expect(await recalled(byPlan, { endpoint: { id: 'other' }, params })).toBeUndefined();
  });

  it('of an interval by 422 holds for that instrument only', async () => {
    expect(await recalled(unacceptable, question, 599_999)).toBe('interval-not-available');
    const otherExchange = { endpoint, params: { ...params, exchange: 'Bybit' } };
    expect(await recalled(unacceptable, otherExchange)).toBeUndefined();
  });

  it('of the plan holds for the endpoint 10 minutes', async () => {
    const plan = refused('401', 'Upgrade plan');
    const withoutInterval = { endpoint, params: { exchange: 'OKX' } as unknown as typeof params };
    expect(await recalled(plan, withoutInterval, 599_999)).toBe('plan-not-entitled');
    expect(await recalled(plan, { endpoint: { id: 'other' }, params })).toBeUndefined();
  });

  it('of the key holds for everything one minute', async () => {
    const credentials = refused('401', 'API key missing.');
    const other = { endpoint: { id: 'etf/bitcoin/list' }, params };
    expect(await recalled(credentials, other, 59_999)).toBe('upstream-credentials');
    expect(await recalled(credentials, other, 60_000)).toBeUndefined();
  });

  it('is none of those that may pass', () => {
    for (const failure of [refused('429', ''), refused('500', ''), new Failure('internal', '')])
      expect(refusalOf(failure, question)).toBeUndefined();
  });
});
