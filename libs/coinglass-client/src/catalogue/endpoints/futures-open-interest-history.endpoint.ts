import { z } from 'zod';
import { candles } from '../data-fields.ts';
import { defineEndpoint } from '../endpoint.ts';
import { exchange, instrumentId, range, unit } from '../param-fields.ts';
import { candlesByPlan } from '../plan-rules.ts';

/** Open interest of one instrument, in dollars or in coins. */
export const futuresOpenInterestHistory = defineEndpoint({
  id: 'futures/open-interest/history',
  summary: 'Open interest of one instrument, as candles',
  route: '/advanced/oi/history/:coin',
  symbol: 'pair',
  params: z.strictObject({ exchange, symbol: instrumentId, ...range, unit }),
  data: candles,
  plans: candlesByPlan,
  freshness: { kind: 'candles' },
  units: { time: 'ms', open: '{unit}', high: '{unit}', low: '{unit}', close: '{unit}' },
  timeField: 'time',
  sample: {
    params: { exchange: 'Binance', symbol: 'BTCUSDT', interval: '1d', limit: '1', unit: 'usd' },
    // The vendor's figures; its time (in the year 2053) is a slip and left out.
    data: [
      {
        time: 1658880000000,
        open: '2644845344',
        high: '2692643311',
        low: '2576975597',
        close: '2608846475',
      },
    ],
  },
});
