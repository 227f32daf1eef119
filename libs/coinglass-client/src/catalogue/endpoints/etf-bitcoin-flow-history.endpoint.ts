import { z } from 'zod';
import { moment, numeric, numericIfAny, rows, text } from '../data-fields.ts';
import { defineEndpoint } from '../endpoint.ts';
import { etfFreshness } from '../list-freshness.ts';
import { everyPlan } from '../plan-rules.ts';

/** Daily flows of the Bitcoin ETFs, the whole history since 2024-01-11. A fund without a flow that day has no flow_usd. */
export const etfBitcoinFlowHistory = defineEndpoint({
  id: 'etf/bitcoin/flow-history',
  summary: 'Daily flows of the Bitcoin ETFs',
  route: '/advanced/etf/flows',
  symbol: 'none',
  params: z.strictObject({}),
  data: rows({
    timestamp: moment,
    // Required, yet null while a day is not complete: null is said, 0 would be invented.
    flow_usd: numeric.nullable(),
    price_usd: numeric.nullable(),
    etf_flows: z.array(z.looseObject({ etf_ticker: text, flow_usd: numericIfAny })),
  }),
  plans: everyPlan,
  freshness: etfFreshness,
  units: { timestamp: 'ms', flow_usd: 'usd', price_usd: 'usd', 'etf_flows.flow_usd': 'usd' },
  timeField: 'timestamp',
  rowInterval: '1d',
  sample: {
    params: {},
    data: [
      {
        timestamp: 1704931200000,
        flow_usd: 655300000,
        price_usd: 46663,
        etf_flows: [
          { etf_ticker: 'GBTC', flow_usd: -95100000 },
          { etf_ticker: 'IBIT', flow_usd: 111700000 },
          { etf_ticker: 'FBTC', flow_usd: 227000000 },
        ],
      },
    ],
  },
});
