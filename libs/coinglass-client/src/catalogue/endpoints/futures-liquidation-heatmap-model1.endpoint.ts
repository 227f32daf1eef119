import { z } from 'zod';
import { moment, numeric } from '../data-fields.ts';
import { defineEndpoint } from '../endpoint.ts';
import { realtimeFreshness } from '../list-freshness.ts';
import { exchange, heatmapRange, instrumentId } from '../param-fields.ts';
import { fromProfessional } from '../plan-rules.ts';

/** Where liquidations would fall, by price and time. Its candles come with seconds, unlike all other series here. */
export const futuresLiquidationHeatmapModel1 = defineEndpoint({
  id: 'futures/liquidation/heatmap/model1',
  summary: 'Liquidation levels of one instrument as a heatmap',
  route: '/advanced/liquidation/heatmap/:coin',
  symbol: 'pair',
  params: z.strictObject({ exchange, symbol: instrumentId, range: heatmapRange }),
  data: z.compile(
    z.looseObject({
      y_axis: z.array(numeric),
      // [index into price_candlesticks, index into y_axis, amount]
      liquidation_leverage_data: z.array(z.tuple([numeric, numeric, numeric], z.unknown())),
      // [time, open, high, low, close, volume]
      price_candlesticks: z.array(
        z.tuple([moment, numeric, numeric, numeric, numeric, numeric], z.unknown()),
      ),
    }),
  ),
  plans: fromProfessional,
  freshness: realtimeFreshness,
  units: { y_axis: 'quote' },
  insteadUse: '/advanced/liquidation/history/:coin',
  sample: {
    params: { exchange: 'Binance', symbol: 'BTCUSDT', range: '3d' },
    data: {
      y_axis: [47968.54, 48000, 48031.46],
      liquidation_leverage_data: [
        [5, 124, 2288867.26],
        [6, 123, 318624.82],
      ],
      price_candlesticks: [
        [1722676500, '61486', '61596.4', '61434.4', '61539.9', '63753192.1129'],
        [1722676800, '61539.9', '61610.0', '61480.0', '61590.5', '42311820.8720'],
      ],
    },
  },
});
