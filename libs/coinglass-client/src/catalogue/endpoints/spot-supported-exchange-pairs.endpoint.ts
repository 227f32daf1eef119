import { z } from 'zod';
import { instrumentsByExchange } from '../data-fields.ts';
import { defineEndpoint } from '../endpoint.ts';
import { instrumentFreshness } from '../list-freshness.ts';
import { everyPlan } from '../plan-rules.ts';

/** All spot pairs. The vendor knows no `exchange` here, so the house face narrows the map itself. */
export const spotSupportedExchangePairs = defineEndpoint({
  id: 'spot/supported-exchange-pairs',
  summary: 'Spot pairs of every exchange',
  route: '/advanced/pairs/spot',
  symbol: 'none',
  params: z.strictObject({}),
  data: instrumentsByExchange,
  plans: everyPlan,
  freshness: instrumentFreshness,
  units: {},
  narrowBy: 'exchange',
  sample: {
    params: {},
    data: {
      Binance: [{ instrument_id: 'BTCUSD_USDT', base_asset: 'BTC', quote_asset: 'USDT' }],
      Bitget: [{ instrument_id: 'AAVE:USD', base_asset: 'AAVE', quote_asset: 'USD' }],
    },
  },
});
