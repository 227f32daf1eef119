import { z } from 'zod';
import { candles } from '../data-fields.ts';
import { defineEndpoint } from '../endpoint.ts';
import { coin, range, unit } from '../param-fields.ts';
import { candlesByPlan } from '../plan-rules.ts';

/** Open interest of a coin over all exchanges; this endpoint knows no list of exchanges. */
export const futuresOpenInterestAggregatedHistory = defineEndpoint({
  id: 'futures/open-interest/aggregated-history',
  summary: 'Open interest of a coin over all exchanges, as candles',
  route: '/advanced/oi/aggregated/:coin',
  symbol: 'coin',
  params: z.strictObject({ symbol: coin, ...range, unit }),
  data: candles,
  plans: candlesByPlan,
  freshness: { kind: 'candles' },
  units: { time: 'ms', open: '{unit}', high: '{unit}', low: '{unit}', close: '{unit}' },
  timeField: 'time',
  sample: {
    params: { symbol: 'BTC', interval: '1d', limit: '1', unit: 'usd' },
    // The vendor's figures; its time (in the year 2052) is a slip and left out.
    data: [
      {
        time: 1658880000000,
        open: '2608846475',
        high: '2620807645',
        low: '2327236202',
        close: '2340177420',
      },
    ],
  },
});
