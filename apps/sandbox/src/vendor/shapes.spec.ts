import { describe, expect, it } from '@jest/globals';
import { answer } from './answer.ts';
import type { Params } from './params.ts';

const now = Date.parse('2026-11-23T07:08:09.123Z');
const dataOf = (endpoint: string, params: Params): unknown => {
  const path = `/api/${endpoint}`;
  const { body } = answer({
    method: 'GET',
    path,
    params,
    key: 'accepted',
    plan: 'professional',
    now,
  });
  expect(body.code).toBe('0');
  return body.data;
};

const numeric: unknown = expect.stringMatching(/^-?\d+(\.\d+)?$/);
const number: unknown = expect.any(Number);
const text: unknown = expect.any(String);
const pair = { exchange: 'Binance', symbol: 'BTCUSDT', interval: '4h', limit: '3' };
const coin = { symbol: 'BTC', interval: '4h', limit: '3' };
const ohlc = { time: number, open: numeric, high: numeric, low: numeric, close: numeric };

/** What the contract says of each endpoint's row: names, and which figures are text and which are numbers. */
describe('the rows have the vendor’s fields and types', () => {
  it.each([
    ['futures/funding-rate/history', pair, ohlc],
    ['futures/funding-rate/oi-weight-history', coin, ohlc],
    ['futures/open-interest/history', pair, ohlc],
    ['futures/open-interest/aggregated-history', coin, ohlc],
    [
      'futures/liquidation/history',
      pair,
      { time: number, long_liquidation_usd: numeric, short_liquidation_usd: numeric },
    ],
    [
      'futures/liquidation/aggregated-history',
      { ...coin, exchange_list: 'Binance,OKX,Bybit' },
      {
        time: number,
        aggregated_long_liquidation_usd: number,
        aggregated_short_liquidation_usd: number,
      },
    ],
  ])('%s', (endpoint, params, row) => {
    expect(dataOf(endpoint, params)).toEqual([row, row, row]);
  });

  it('etf/bitcoin/flow-history, where a fund may lack its flow', () => {
    const rows = dataOf('etf/bitcoin/flow-history', {}) as {
      timestamp: number;
      flow_usd: number;
      etf_flows: { flow_usd?: number }[];
    }[];
    expect(rows[0]).toEqual({
      timestamp: 1704931200000,
      flow_usd: number,
      price_usd: number,
      etf_flows: expect.arrayContaining([{ etf_ticker: 'IBIT', flow_usd: number }]),
    });
    const days = rows.map(({ timestamp }) => new Date(timestamp).getUTCDay());
    expect(days.filter((day) => day === 0 || day === 6)).toEqual([]);
    const flows = rows.flatMap(({ etf_flows }) => etf_flows);
    const absent = flows.filter((flow) => !('flow_usd' in flow)).length / flows.length;
    expect(absent).toBeGreaterThan(0.01);
    expect(absent).toBeLessThan(0.2);
    for (const { flow_usd, etf_flows } of rows) {
      expect(etf_flows.reduce((sum, flow) => sum + (flow.flow_usd ?? 0), 0)).toBe(flow_usd);
    }
  });

  it('etf/bitcoin/list', () => {
    const [first] = dataOf('etf/bitcoin/list', {}) as unknown[];
    expect(first).toEqual({
      ticker: text,
      fund_name: text,
      region: text,
      market_status: text,
      primary_exchange: text,
      cik_code: numeric,
      fund_type: text,
      list_date: number,
      shares_outstanding: numeric,
      aum_usd: numeric,
      management_fee_percent: numeric,
      last_trade_time: number,
      last_quote_time: number,
      volume_quantity: number,
      volume_usd: number,
      price_change_usd: number,
      price_change_percent: number,
      asset_details: {
        net_asset_value_usd: number,
        premium_discount_percent: number,
        btc_holding: number,
        btc_change_percent_24h: number,
        btc_change_24h: number,
        btc_change_percent_7d: number,
        btc_change_7d: number,
        update_date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      },
      update_timestamp: number,
    });
  });

  it('supported-exchange-pairs, an object keyed by exchange', () => {
    const futures = dataOf('futures/supported-exchange-pairs', {}) as Record<string, unknown[]>;
    expect(futures['OKX']).toContainEqual({
      instrument_id: 'SOL-USDT-SWAP',
      base_asset: 'SOL',
      quote_asset: 'USDT',
      settlement_currency: 'USDT',
      max_leverage: number,
      funding_interval: 8,
      price_tick_size: 0.001,
      onboard_date: number,
    });
    expect(futures['Binance']).toContainEqual({
      instrument_id: 'BTCUSDT_261225',
      base_asset: 'BTC',
      quote_asset: 'USDT',
    });
    const one = dataOf('futures/supported-exchange-pairs', { exchange: 'Gate' }) as object;
    expect(Object.keys(one)).toEqual(['Gate']);
    const spot = dataOf('spot/supported-exchange-pairs', { exchange: 'Gate' }) as object;
    expect(Object.keys(spot).length).toBeGreaterThan(1);
  });

  it('hyperliquid/position, by pages, without a msg', () => {
    const request = { method: 'GET', path: '/api/hyperliquid/position', key: 'accepted' } as const;
    const page = (current_page: string) =>
      answer({ ...request, params: { symbol: 'BTC', current_page }, plan: 'standard', now }).body;
    const first = page('1');
    expect(first).not.toHaveProperty('msg');
    const { total_pages, list } = first.data as {
      total_pages: number;
      list: { liq_price: unknown }[];
    };
    const levered = list.find(({ liq_price }) => liq_price !== null);
    expect(levered).toEqual({
      user: expect.stringMatching(/^0x[0-9a-f]{40}$/),
      symbol: 'BTC',
      position_size: number,
      entry_price: number,
      mark_price: number,
      liq_price: number,
      leverage: number,
      margin_balance: number,
      position_value_usd: number,
      unrealized_pnl: number,
      funding_fee: number,
      margin_mode: expect.stringMatching(/^(cross|isolated)$/),
      create_time: number,
      update_time: number,
    });
    const users = Array.from({ length: total_pages }, (_, at) => page(String(at + 1)))
      .flatMap(({ data }) => (data as { list: { user: string }[] }).list)
      .map(({ user }) => user);
    expect(new Set(users).size).toBe(users.length);
    expect(page(String(total_pages + 1)).data).toEqual({
      total_pages,
      current_page: total_pages + 1,
      list: [],
    });
  });

  it('liquidation/heatmap/model1, with candles in seconds', () => {
    const params = { exchange: 'Binance', symbol: 'BTCUSDT', range: '3d' };
    const map = dataOf('futures/liquidation/heatmap/model1', params) as {
      y_axis: number[];
      liquidation_leverage_data: [number, number, number][];
      price_candlesticks: unknown[][];
    };
    const candle = map.price_candlesticks[0];
    expect(candle).toEqual([number, numeric, numeric, numeric, numeric, numeric]);
    expect(String(candle?.[0])).toHaveLength(10);
    for (const [column, level] of map.liquidation_leverage_data) {
      expect(map.price_candlesticks[column]).toBeDefined();
      expect(map.y_axis[level]).toBeDefined();
    }
  });

  it('open interest is positive, and in coins when asked so', () => {
    const rows = (unit: string) =>
      dataOf('futures/open-interest/history', { ...pair, limit: '1000', unit }) as {
        low: string;
        open: string;
      }[];
    const usd = rows('usd');
    expect(usd.every(({ low }) => Number(low) > 0)).toBe(true);
    expect(Number(usd[0]?.open) / Number(rows('coin')[0]?.open)).toBeGreaterThan(10_000);
  });
});
