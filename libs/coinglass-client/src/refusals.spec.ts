import { describe, expect, it } from '@jest/globals';
import { classify } from './classify.ts';
import { Failure } from './failures.ts';
import { refusalKeysFor, refusalOf } from './refusals.ts';

const endpoint = { id: 'futures/funding-rate/history' };
const params = { exchange: 'OKX', interval: '1h', symbol: 'SOL-USDT-SWAP' };
const question = { endpoint, params };
const refused = (code: string, message: string) =>
  classify({ status: 200, code, message, intervalSent: true });

const byPlan = refused('403', 'The requested interval is not available for your current API plan.');
const unacceptable = refused('422', '');

/** What another question finds, after this failure was remembered. */
const recalled = (failure: Failure, other = question, afterMs = 0) => {
  const refusal = refusalOf(failure, question);
  const isFound =
    refusal !== undefined &&
    afterMs < refusal.ttlMs &&
    refusalKeysFor(other.endpoint, other.params).includes(refusal.key);
  return isFound ? refusal.record.kind : undefined;
};

describe('a remembered refusal', () => {
  it('of an interval by the plan holds for the endpoint and interval, whatever the symbol, 10 minutes', () => {
    const otherSymbol = { endpoint, params: { ...params, exchange: 'Binance', symbol: 'SOLUSDT' } };
    expect(recalled(byPlan, otherSymbol, 599_999)).toBe('interval-not-available');
    expect(recalled(byPlan, otherSymbol, 600_000)).toBeUndefined();
    expect(recalled(byPlan, { endpoint, params: { ...params, interval: '4h' } })).toBeUndefined();
    expect(recalled(byPlan, { endpoint: { id: 'other' }, params })).toBeUndefined();
  });

  it('of an interval by 422 holds for that instrument only', () => {
    expect(recalled(unacceptable, question, 599_999)).toBe('interval-not-available');
    const otherExchange = { endpoint, params: { ...params, exchange: 'Bybit' } };
    expect(recalled(unacceptable, otherExchange)).toBeUndefined();
  });

  it('of the plan holds for the endpoint 10 minutes', () => {
    const plan = refused('401', 'Upgrade plan');
    const withoutInterval = { endpoint, params: { exchange: 'OKX' } as unknown as typeof params };
    expect(recalled(plan, withoutInterval, 599_999)).toBe('plan-not-entitled');
    expect(recalled(plan, { endpoint: { id: 'other' }, params })).toBeUndefined();
  });

  it('of the key holds for everything one minute', () => {
    const credentials = refused('401', 'API key missing.');
    const other = { endpoint: { id: 'etf/bitcoin/list' }, params };
    expect(recalled(credentials, other, 59_999)).toBe('upstream-credentials');
    expect(recalled(credentials, other, 60_000)).toBeUndefined();
  });

  it('of the key says when it is worth coming back', () => {
    const { record } = refusalOf(refused('401', 'API key missing.'), question) ?? {};
    expect(record?.retryAfterMs).toBe(60_000);
  });

  it('of an instrument holds for it at every interval, one minute', () => {
    const unknown = refused('400', 'The requested pair does not exist on the exchange.');
    const daily = { endpoint, params: { ...params, interval: '1d' } };
    expect(recalled(unknown, daily, 59_999)).toBe('unknown-instrument');
    expect(recalled(unknown, daily, 60_000)).toBeUndefined();
    expect(
      recalled(unknown, { endpoint, params: { ...params, symbol: 'SOL-USD-SWAP' } }),
    ).toBeUndefined();
    expect(recalled(unknown, { endpoint: { id: 'other' }, params })).toBeUndefined();
  });

  it('is none of those that may pass', () => {
    for (const failure of [refused('429', ''), refused('500', ''), new Failure('internal', '')])
      expect(refusalOf(failure, question)).toBeUndefined();
  });
});
