import { z } from 'zod';
import { moment, numeric, rows } from '../data-fields.ts';
import { defineEndpoint } from '../endpoint.ts';
import { coin, exchangeList, range } from '../param-fields.ts';
import { candlesByPlan } from '../plan-rules.ts';

/** Liquidations of a coin over the named exchanges. Without exchange_list the vendor answers body code 400. */
export const futuresLiquidationAggregatedHistory = defineEndpoint({
  id: 'futures/liquidation/aggregated-history',
  summary: 'Long and short liquidations of a coin over several exchanges',
  route: '/advanced/liquidation/aggregated/:coin',
  symbol: 'coin',
  params: z.strictObject({ exchange_list: exchangeList, symbol: coin, ...range }),
  data: rows({
    time: moment,
    aggregated_long_liquidation_usd: numeric,
    aggregated_short_liquidation_usd: numeric,
  }),
  plans: candlesByPlan,
  freshness: { kind: 'candles' },
  units: {
    time: 'ms',
    aggregated_long_liquidation_usd: 'usd',
    aggregated_short_liquidation_usd: 'usd',
  },
  timeField: 'time',
  sample: {
    params: { exchange_list: 'Binance,Bybit,OKX', symbol: 'BTC', interval: '1d', limit: '2' },
    data: [
      {
        time: 1658966400000,
        aggregated_long_liquidation_usd: 5916885.14234,
        aggregated_short_liquidation_usd: 12969583.87632,
      },
      {
        time: 1659052800000,
        aggregated_long_liquidation_usd: 5345708.23191,
        aggregated_short_liquidation_usd: 6454875.54909,
      },
    ],
  },
});
