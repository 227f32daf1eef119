import { z } from 'zod';
import { instrumentsByExchange } from '../data-fields.ts';
import { defineEndpoint } from '../endpoint.ts';
import { instrumentFreshness } from '../list-freshness.ts';
import { exchange } from '../param-fields.ts';
import { everyPlan } from '../plan-rules.ts';

/** All futures instruments, exchange by exchange: what the symbols are resolved with. About 2 s and large. */
export const futuresSupportedExchangePairs = defineEndpoint({
  id: 'futures/supported-exchange-pairs',
  summary: 'Futures instruments of every exchange',
  route: '/advanced/pairs/futures',
  symbol: 'none',
  params: z.strictObject({ exchange: exchange.optional() }),
  data: instrumentsByExchange,
  plans: everyPlan,
  freshness: instrumentFreshness,
  units: { '*.max_leverage': 'multiple', '*.price_tick_size': 'quote' },
  narrowBy: 'exchange',
  sample: {
    params: {},
    data: {
      Binance: [
        {
          instrument_id: 'BTCUSD_PERP',
          base_asset: 'BTC',
          quote_asset: 'USD',
          settlement_currency: 'USDT',
          max_leverage: 100,
          funding_interval: 1,
          price_tick_size: 0.1,
        },
        { instrument_id: 'BTCUSD_250627', base_asset: 'BTC', quote_asset: 'USD' },
      ],
      Bitget: [{ instrument_id: 'BTCUSDT_UMCBL', base_asset: 'BTC', quote_asset: 'USDT' }],
    },
  },
});
