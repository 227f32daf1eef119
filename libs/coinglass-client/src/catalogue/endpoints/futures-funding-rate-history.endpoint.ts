import { z } from 'zod';
import { candles } from '../data-fields.ts';
import { defineEndpoint } from '../endpoint.ts';
import { exchange, instrumentId, range } from '../param-fields.ts';
import { candlesByPlan } from '../plan-rules.ts';

/** Funding rate of one perpetual. The figures are percent already: "0.0046" is 0.0046 %. */
export const futuresFundingRateHistory = defineEndpoint({
  id: 'futures/funding-rate/history',
  summary: 'Funding rate of one instrument, as candles',
  route: '/advanced/funding/rate/:coin',
  symbol: 'pair',
  params: z.strictObject({ exchange, symbol: instrumentId, ...range }),
  data: candles,
  plans: candlesByPlan,
  freshness: { kind: 'candles' },
  units: { time: 'ms', open: 'percent', high: 'percent', low: 'percent', close: 'percent' },
  timeField: 'time',
  sample: {
    params: { exchange: 'Binance', symbol: 'BTCUSDT', interval: '1d', limit: '1' },
    data: [
      {
        time: 1658880000000,
        open: '0.004603',
        high: '0.009388',
        low: '-0.005063',
        close: '0.009229',
      },
    ],
  },
});
