import { z } from 'zod';
import { moment, numeric, numericIfAny, text } from '../data-fields.ts';
import { defineEndpoint } from '../endpoint.ts';
import { realtimeFreshness } from '../list-freshness.ts';
import { coin, currentPage } from '../param-fields.ts';
import { fromStandard } from '../plan-rules.ts';

/** Positions on Hyperliquid, one page each request. The path has no `futures`; a negative size is a short. */
export const hyperliquidPosition = defineEndpoint({
  id: 'hyperliquid/position',
  summary: 'Positions on Hyperliquid in one coin',
  route: '/advanced/hyperliquid/positions/:coin',
  symbol: 'coin',
  params: z.strictObject({ symbol: coin, current_page: currentPage }),
  data: z.compile(
    z.looseObject({
      total_pages: numeric,
      current_page: numeric,
      list: z.array(
        z.looseObject({
          user: text,
          symbol: text,
          position_size: numeric,
          entry_price: numeric,
          mark_price: numeric,
          // A position that cannot be liquidated has none.
          liq_price: numericIfAny,
          leverage: numeric,
          margin_balance: numeric,
          position_value_usd: numeric,
          unrealized_pnl: numeric,
          funding_fee: numeric,
          margin_mode: text,
          create_time: moment,
          update_time: moment,
        }),
      ),
    }),
  ),
  plans: fromStandard,
  freshness: realtimeFreshness,
  units: {
    'list.position_size': 'coin',
    'list.entry_price': 'usd',
    'list.mark_price': 'usd',
    'list.liq_price': 'usd',
    'list.leverage': 'multiple',
    'list.margin_balance': 'usd',
    'list.position_value_usd': 'usd',
    'list.unrealized_pnl': 'usd',
    'list.funding_fee': 'usd',
    'list.create_time': 'ms',
    'list.update_time': 'ms',
  },
  sample: {
    params: { symbol: 'BTC', current_page: '1' },
    data: {
      total_pages: 10,
      current_page: 1,
      list: [
        {
          user: '0x5b5d51203a0f9079f8aeb098a6523a13f298c060',
          symbol: 'BTC',
          position_size: -2683.14,
          entry_price: 111459.6,
          mark_price: 116638,
          liq_price: 150629.52,
          leverage: 10,
          margin_balance: 31263482.07,
          position_value_usd: 312634820.77,
          unrealized_pnl: -13572345.06,
          funding_fee: -12534553.66,
          margin_mode: 'cross',
          create_time: 1752152867098,
          update_time: 1758162698266,
        },
      ],
    },
  },
});
