import { etfFlows, etfList } from '../figures/etf.ts';
import { heatmap, heatmapRangesMs } from '../figures/heatmap.ts';
import { positionsPage } from '../figures/positions.ts';
import { coinNamed } from '../instruments/coins.ts';
import { Refused, refusals } from './envelope.ts';
import {
  aggregatedLiquidationHistory,
  aggregatedOpenInterestHistory,
  fundingHistory,
  liquidationHistory,
  openInterestHistory,
  weightedFundingHistory,
} from './histories.ts';
import { allSpotPairs, futuresPairs } from './pairs.ts';
import { optionalNumber, required } from './params.ts';
import type { Plan } from './plans.ts';
import { instrumentOf, pairOf, type Question } from './questions.ts';

export interface VendorEndpoint {
  /** The smallest plan that has it. */
  readonly from: Plan;
  /** The vendor leaves `msg` out of some successes. */
  readonly withoutMsg?: true;
  /** The envelope's `data`; throws {@link Refused}. */
  readonly data: (question: Question) => unknown;
}

const everyone: Plan = 'hobbyist';

function heatmapData(question: Question): unknown {
  const [exchange, symbol] = pairOf(question);
  const range = heatmapRangesMs[required(question.params, 'range')];
  if (range === undefined) throw new Refused(refusals.badRange);
  return heatmap(instrumentOf(exchange, symbol, question.now), range, question.now);
}

const positionsData = ({ params, now }: Question): unknown =>
  positionsPage(
    coinNamed(required(params, 'symbol')),
    Math.max(1, optionalNumber(params, 'current_page') ?? 1),
    now,
  );

/** Path -> what the stand-in vendor does there. */
export const endpoints: Readonly<Record<string, VendorEndpoint>> = {
  '/api/futures/supported-exchange-pairs': { from: everyone, data: futuresPairs },
  '/api/futures/funding-rate/history': { from: everyone, data: fundingHistory },
  '/api/futures/funding-rate/oi-weight-history': { from: everyone, data: weightedFundingHistory },
  '/api/futures/open-interest/history': { from: everyone, data: openInterestHistory },
  '/api/futures/open-interest/aggregated-history': {
    from: everyone,
    data: aggregatedOpenInterestHistory,
  },
  '/api/futures/liquidation/history': { from: everyone, data: liquidationHistory },
  '/api/futures/liquidation/aggregated-history': {
    from: everyone,
    data: aggregatedLiquidationHistory,
  },
  '/api/etf/bitcoin/flow-history': { from: everyone, data: ({ now }) => etfFlows(now) },
  '/api/etf/bitcoin/list': { from: everyone, data: ({ now }) => etfList(now) },
  '/api/spot/supported-exchange-pairs': { from: everyone, data: allSpotPairs },
  '/api/hyperliquid/position': { from: 'standard', withoutMsg: true, data: positionsData },
  '/api/futures/liquidation/heatmap/model1': { from: 'professional', data: heatmapData },
};
