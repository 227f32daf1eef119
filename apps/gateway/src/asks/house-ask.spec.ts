import { describe, expect, it } from '@jest/globals';
import {
  buildInstrumentTable,
  catalogue,
  isFailure,
  type Endpoint,
  type Failure,
  type InstrumentTable,
  type Plan,
} from '@glasshouse/coinglass-client';
import type { Ask } from './ask.ts';
import { decideDropInAsk } from './drop-in-ask.ts';
import { decideHouseAsk, houseParamNames } from './house-ask.ts';

const pair = (instrument_id: string, base_asset: string, quote_asset: string) => ({
  instrument_id,
  base_asset,
  quote_asset,
});
const table = buildInstrumentTable({
  OKX: [
    pair('SOL-USDT-SWAP', 'SOL', 'USDT'),
    pair('SOL-USDT-261225', 'SOL', 'USDT'),
    pair('BTC-USDT-SWAP', 'BTC', 'USDT'),
  ],
  Binance: [pair('SOLUSDT', 'SOL', 'USDT'), pair('SOLUSD_PERP', 'SOL', 'USD')],
  Bybit: [pair('SOLUSDT', 'SOL', 'USDT')],
});

const now = Date.UTC(2026, 10, 23, 12);
let lookUps = 0;
const deciding = (plan: Plan = 'standard') => ({
  upstream: { origin: 'https://vendor.test', plan },
  instruments: {
    lookUp: <T>(lookup: (known: InstrumentTable) => T): Promise<T> => {
      lookUps += 1;
      return Promise.resolve().then(() => lookup(table));
    },
  },
  now,
  deadlineAt: now + 15_000,
});

const house = (
  endpoint: Endpoint,
  coin: string | undefined,
  query: Record<string, string> = {},
  plan?: Plan,
): Promise<Ask> => decideHouseAsk(endpoint, coin, new Map(Object.entries(query)), deciding(plan));

const failureOf = async (asking: Promise<unknown>): Promise<Failure> => {
  const thrown = await asking.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isFailure(thrown)) throw new Error('no failure', { cause: thrown });
  return thrown;
};

const funding = catalogue['futures/funding-rate/history'];
const heatmap = catalogue['futures/liquidation/heatmap/model1'];
const aggregatedLiquidation = catalogue['futures/liquidation/aggregated-history'];

describe('an ask of the house face', () => {
  it('fills in what the caller left out, and resolves the instrument', async () => {
    const ask = await house(funding, 'sol');
    expect(ask.params).toEqual({
      exchange: 'OKX',
      interval: '1h',
      limit: '1000',
      symbol: 'SOL-USDT-SWAP',
    });
    expect(ask.asked).toEqual({
      exchange: 'OKX',
      coin: 'SOL',
      base: 'USDT',
      interval: '1h',
      limit: 1000,
    });
  });

  it('is the same question in other words', async () => {
    const keys = await Promise.all([
      house(funding, 'SOL').then(({ askedKey }) => askedKey),
      house(funding, 'sol', { exchange: 'okx', limit: '1000' }).then(({ askedKey }) => askedKey),
      house(funding, 'SOL-USDT-SWAP').then(({ askedKey }) => askedKey),
    ]);
    expect(new Set(keys).size).toBe(1);
    expect((await house(funding, 'SOL', { limit: '999' })).askedKey).not.toBe(keys[0]);
  });

  it('aligns a range to the candles it means', async () => {
    const hour = 3_600_000;
    const start = now - 10 * hour;
    const aligned = await house(funding, 'SOL', {
      start_time: String(start),
      end_time: String(start + 5 * hour),
    });
    const ragged = await house(funding, 'SOL', {
      start_time: String(start - 1_234),
      end_time: String(start + 5 * hour - 1_234),
    });
    expect(ragged.askedKey).toBe(aligned.askedKey);
  });

  it('gives the default list of exchanges where one is needed, sorted', async () => {
    const ask = await house(aggregatedLiquidation, 'SOL');
    expect(ask.params['exchange_list']).toBe('Binance,Bybit,OKX');
    const other = await house(aggregatedLiquidation, 'SOL', {
      exchange_list: 'okx, bybit,BINANCE',
    });
    expect(other.askedKey).toBe(ask.askedKey);
  });

  it('applies the plan before spending, says so, and refuses a strict caller', async () => {
    const ask = await house(funding, 'SOL', { interval: '1m' }, 'startup');
    expect(ask.planFallback).toEqual({ from: '1m', to: '30m', reason: 'plan' });
    expect(ask.params['interval']).toBe('30m');
    expect(ask.asked['interval']).toBe('1m');
    const failure = await failureOf(
      house(funding, 'SOL', { interval: '1m', strict: 'true' }, 'startup'),
    );
    expect(failure.kind).toBe('interval-not-available');
  });

  it('refuses a strict caller a range that the plan would cut', async () => {
    const start = String(now - 400 * 24 * 3_600_000);
    const query = { start_time: start, interval: '1h', strict: 'true' };
    const failure = await failureOf(house(funding, 'SOL', query));
    expect(failure.kind).toBe('invalid-request');
    expect(failure.errors?.[0]?.field).toBe('start_time');
    await house(funding, 'SOL', { ...query, strict: 'false' });
  });

  it('refuses what the plan does not have, before anything else', async () => {
    lookUps = 0;
    const failure = await failureOf(house(heatmap, 'NOPE', { foo: '1' }));
    expect(failure.kind).toBe('plan-not-entitled');
    expect(failure.detail).toContain('/advanced/liquidation/history/:coin');
    expect(lookUps).toBe(0);
    expect((await house(heatmap, 'SOL', {}, 'professional')).params['range']).toBe('3d');
  });

  it('names problems as the caller names the fields, without looking anything up', async () => {
    lookUps = 0;
    const position = catalogue['hyperliquid/position'];
    expect((await failureOf(house(position, 'BTC', { page: '0' }))).errors?.[0]?.field).toBe(
      'page',
    );
    expect((await failureOf(house(funding, ''))).errors?.[0]?.field).toBe('coin');
    expect((await failureOf(house(funding, 'SOL', { current_page: '1' }))).errors?.[0]?.field).toBe(
      'current_page',
    );
    expect(lookUps).toBe(0);
  });

  it('narrows a list by exchange without another question', async () => {
    const pairs = catalogue['spot/supported-exchange-pairs'];
    const narrowed = await house(pairs, undefined, { exchange: 'bybit' });
    const whole = await house(pairs, undefined);
    expect(narrowed.narrowTo).toBe('bybit');
    expect(narrowed.askedKey).toBe(whole.askedKey);
    expect(whole.narrowTo).toBeUndefined();
  });

  it('has the parameters of the route table', () => {
    expect([...houseParamNames(funding)].sort()).toEqual(
      ['base', 'end_time', 'exchange', 'interval', 'limit', 'start_time', 'strict'].sort(),
    );
    expect(houseParamNames(catalogue['hyperliquid/position'])).toEqual(['page']);
    expect(houseParamNames(catalogue['spot/supported-exchange-pairs'])).toEqual(['exchange']);
    expect(houseParamNames(catalogue['etf/bitcoin/list'])).toEqual([]);
  });
});

describe('an ask of the drop-in face', () => {
  const dropIn = (
    endpoint: Endpoint,
    query: Record<string, string>,
    allowFallback = false,
    plan?: Plan,
  ) => decideDropInAsk(endpoint, new Map(Object.entries(query)), allowFallback, deciding(plan));
  const native = { exchange: 'okx', symbol: 'SOL-USDT-SWAP', interval: '1h' };

  it("takes the vendor's parameters, and shares its answers with the house face", async () => {
    const { ask, ignored } = await dropIn(funding, native);
    expect(ignored).toEqual([]);
    expect(ask.askedKey).toBe((await house(funding, 'SOL')).askedKey);
    expect(ask.face).toBe('vendor');
  });

  it('sets aside what the vendor does not know', async () => {
    expect((await dropIn(funding, { ...native, foo: '1' })).ignored).toEqual(['foo']);
  });

  it('is strict unless a fallback is allowed', async () => {
    expect((await dropIn(funding, native)).ask.strict).toBe(true);
    const fine = { ...native, interval: '1m' };
    expect((await failureOf(dropIn(funding, fine, false, 'startup'))).kind).toBe(
      'interval-not-available',
    );
    const { ask } = await dropIn(funding, fine, true, 'startup');
    expect(ask.planFallback).toMatchObject({ to: '30m' });
  });

  it('knows a pair from a coin, and what the table lists', async () => {
    const oi = catalogue['futures/open-interest/aggregated-history'];
    const failure = await failureOf(dropIn(oi, { symbol: 'SOLUSDT', interval: '1h' }));
    expect(failure.errors?.[0]).toMatchObject({ field: 'symbol', suggestions: ['SOL'] });
    expect((await failureOf(dropIn(funding, { ...native, symbol: 'SOL' }))).kind).toBe(
      'unknown-instrument',
    );
  });
});
