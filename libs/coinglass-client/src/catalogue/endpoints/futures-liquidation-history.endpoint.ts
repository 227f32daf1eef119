import { z } from 'zod';
import { moment, numeric, rows } from '../data-fields.ts';
import { defineEndpoint } from '../endpoint.ts';
import { exchange, instrumentId, range } from '../param-fields.ts';
import { candlesByPlan } from '../plan-rules.ts';

/** Liquidations of one instrument. Whether an empty bucket is a zero or left out is not known: no dense series. */
export const futuresLiquidationHistory = defineEndpoint({
  id: 'futures/liquidation/history',
  summary: 'Long and short liquidations of one instrument',
  route: '/advanced/liquidation/history/:coin',
  symbol: 'pair',
  params: z.strictObject({ exchange, symbol: instrumentId, ...range }),
  data: rows({ time: moment, long_liquidation_usd: numeric, short_liquidation_usd: numeric }),
  plans: candlesByPlan,
  freshness: { kind: 'candles' },
  units: { time: 'ms', long_liquidation_usd: 'usd', short_liquidation_usd: 'usd' },
  timeField: 'time',
  sample: {
    params: { exchange: 'Binance', symbol: 'BTCUSDT', interval: '1d', limit: '2' },
    data: [
      {
        time: 1658880000000,
        long_liquidation_usd: '2369935.19562',
        short_liquidation_usd: '6947459.43674',
      },
      {
        time: 1658966400000,
        long_liquidation_usd: '5118407.85124',
        short_liquidation_usd: '8517330.44192',
      },
    ],
  },
});
