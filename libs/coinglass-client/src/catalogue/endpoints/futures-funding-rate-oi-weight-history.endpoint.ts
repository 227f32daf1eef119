import { z } from 'zod';
import { candles } from '../data-fields.ts';
import { defineEndpoint } from '../endpoint.ts';
import { coin, range } from '../param-fields.ts';
import { candlesByPlan } from '../plan-rules.ts';

/** Funding rate of a coin over all exchanges. Times are ms, although the vendor's page says seconds. */
export const futuresFundingRateOiWeightHistory = defineEndpoint({
  id: 'futures/funding-rate/oi-weight-history',
  summary: 'Funding rate of a coin, weighted by open interest, as candles',
  route: '/advanced/funding/oi-weighted/:coin',
  symbol: 'coin',
  params: z.strictObject({ symbol: coin, ...range }),
  data: candles,
  plans: candlesByPlan,
  freshness: { kind: 'candles' },
  units: { time: 'ms', open: 'percent', high: 'percent', low: 'percent', close: 'percent' },
  timeField: 'time',
  sample: {
    params: { symbol: 'BTC', interval: '1d', limit: '1' },
    data: [{ time: 1658966400000, open: '0.009229', high: '0.01', low: '0.007794', close: '0.01' }],
  },
});
