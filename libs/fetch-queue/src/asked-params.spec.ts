import { buildInstrumentTable, catalogue, isFailure } from '@glasshouse/coinglass-client';
import { describe, expect, it } from '@jest/globals';
import { askedParams } from './asked-params.ts';

const table = buildInstrumentTable({
  OKX: [{ instrument_id: 'SOL-USDT-SWAP', base_asset: 'SOL', quote_asset: 'USDT' }],
  Binance: [
    { instrument_id: 'SOLUSDT', base_asset: 'SOL', quote_asset: 'USDT' },
    { instrument_id: 'SOLUSDC', base_asset: 'SOL', quote_asset: 'USDC' },
  ],
});
const pair = catalogue['futures/funding-rate/history'];
const coin = catalogue['futures/liquidation/aggregated-history'];
const none = catalogue['etf/bitcoin/list'];

type Asked = Parameters<typeof askedParams>[1];
const ask = (endpoint: Parameters<typeof askedParams>[0], asked: Partial<Asked>) =>
  askedParams(endpoint, asked, (lookup) => Promise.resolve(lookup(table)));

describe('what an order asks', () => {
  it('is the vendor’s own words, spelt as the vendor spells, defaults filled', async () => {
    const params = { exchange: 'okx', symbol: 'SOL-USDT-SWAP', interval: '1h', limit: 5 };
    expect(await ask(pair, { params })).toEqual({
      exchange: 'OKX',
      interval: '1h',
      limit: '5',
      symbol: 'SOL-USDT-SWAP',
    });
    expect(
      await ask(coin, { params: { symbol: 'sol', exchange_list: 'binance,OKX', interval: '4h' } }),
    ).toEqual({
      exchange_list: 'Binance,OKX',
      interval: '4h',
      limit: '1000',
      symbol: 'SOL',
    });
  });

  it('may name an instrument in words, quoted in USDT unless said otherwise', async () => {
    const of = async (instrument: Asked['instrument']) =>
      (await ask(pair, { instrument, interval: '1h' }))['symbol'];
    expect(await of({ exchange: 'OKX', coin: 'sol' })).toBe('SOL-USDT-SWAP');
    expect(await of({ exchange: 'binance', coin: 'SOL', base: 'USDC' })).toBe('SOLUSDC');
    const byCoin = await ask(coin, {
      instrument: { coin: 'sol' },
      interval: '1h',
      params: { exchange_list: 'OKX' },
    });
    expect(byCoin).toMatchObject({ symbol: 'SOL', exchange_list: 'OKX' });
  });

  it('asks the table nothing where nothing is named', async () => {
    const noTable = () => Promise.reject(new Error('asked the table'));
    expect(await askedParams(none, {}, noTable)).toEqual({});
  });

  it.each([
    [
      'no exchange for a pair',
      pair,
      { instrument: { coin: 'SOL' }, interval: '1h' },
      'instrument.exchange',
    ],
    [
      'an instrument and a symbol',
      pair,
      { instrument: { exchange: 'OKX', coin: 'SOL' }, params: { symbol: 'X', interval: '1h' } },
      'params.symbol',
    ],
    [
      'an exchange where there is none',
      coin,
      { instrument: { exchange: 'OKX', coin: 'SOL' }, interval: '1h' },
      'instrument.exchange',
    ],
    [
      'an instrument where there is none',
      none,
      { instrument: { exchange: 'OKX', coin: 'SOL' } },
      'instrument',
    ],
    ['an interval where there is none', none, { interval: '1h' }, 'interval'],
    ['two intervals', pair, { interval: '1h', params: { interval: '4h' } }, 'interval'],
  ] as const)('is refused with the field’s name: %s', async (_name, endpoint, asked, field) => {
    const failure: unknown = await ask(endpoint, asked).catch((thrown: unknown) => thrown);
    if (!isFailure(failure)) throw new Error('was taken');
    expect(failure.kind).toBe('invalid-request');
    expect(failure.errors?.map((error) => error.field)).toContain(field);
  });
});
