import { Failure } from '../failures.ts';
import { isCallerText } from './caller-text.ts';
import type { Endpoint } from './endpoint.ts';
import { etfBitcoinFlowHistory } from './endpoints/etf-bitcoin-flow-history.endpoint.ts';
import { etfBitcoinList } from './endpoints/etf-bitcoin-list.endpoint.ts';
import { futuresFundingRateHistory } from './endpoints/futures-funding-rate-history.endpoint.ts';
import { futuresFundingRateOiWeightHistory } from './endpoints/futures-funding-rate-oi-weight-history.endpoint.ts';
import { futuresLiquidationAggregatedHistory } from './endpoints/futures-liquidation-aggregated-history.endpoint.ts';
import { futuresLiquidationHeatmapModel1 } from './endpoints/futures-liquidation-heatmap-model1.endpoint.ts';
import { futuresLiquidationHistory } from './endpoints/futures-liquidation-history.endpoint.ts';
import { futuresOpenInterestAggregatedHistory } from './endpoints/futures-open-interest-aggregated-history.endpoint.ts';
import { futuresOpenInterestHistory } from './endpoints/futures-open-interest-history.endpoint.ts';
import { futuresSupportedExchangePairs } from './endpoints/futures-supported-exchange-pairs.endpoint.ts';
import { hyperliquidPosition } from './endpoints/hyperliquid-position.endpoint.ts';
import { spotSupportedExchangePairs } from './endpoints/spot-supported-exchange-pairs.endpoint.ts';
import { nearest } from './near-miss.ts';
import { withSuggestions } from './params.ts';

/** Every upstream endpoint this house knows, by id. Routes, jobs, docs and checks are derived from it. */
export const catalogue = {
  [etfBitcoinFlowHistory.id]: etfBitcoinFlowHistory,
  [etfBitcoinList.id]: etfBitcoinList,
  [futuresFundingRateHistory.id]: futuresFundingRateHistory,
  [futuresFundingRateOiWeightHistory.id]: futuresFundingRateOiWeightHistory,
  [futuresLiquidationAggregatedHistory.id]: futuresLiquidationAggregatedHistory,
  [futuresLiquidationHeatmapModel1.id]: futuresLiquidationHeatmapModel1,
  [futuresLiquidationHistory.id]: futuresLiquidationHistory,
  [futuresOpenInterestAggregatedHistory.id]: futuresOpenInterestAggregatedHistory,
  [futuresOpenInterestHistory.id]: futuresOpenInterestHistory,
  [futuresSupportedExchangePairs.id]: futuresSupportedExchangePairs,
  [hyperliquidPosition.id]: hyperliquidPosition,
  [spotSupportedExchangePairs.id]: spotSupportedExchangePairs,
} as const satisfies Record<string, Endpoint>;

export type EndpointId = keyof typeof catalogue;

export const endpoints: readonly Endpoint[] = Object.values(catalogue);
export const endpointIds = Object.keys(catalogue) as readonly EndpointId[];

/** The house's own routes (`/advanced/...`) and what each reads. */
export const houseRoutes: readonly { readonly route: string; readonly endpoint: Endpoint }[] =
  endpoints.map((endpoint) => ({ route: endpoint.route, endpoint }));

export const isEndpointId = (id: string): id is EndpointId => Object.hasOwn(catalogue, id);

/** The endpoint of this id, or the failure to answer with. Returned, not thrown: callers differ in what they do. */
export const findEndpoint = (id: string): Endpoint | Failure => {
  if (isEndpointId(id)) return catalogue[id];
  const suggestions = nearest(id.replace(/^\/?(?:api\/)?/, ''), endpointIds);
  return new Failure('unknown-endpoint', `${spoken(id)} is not an endpoint of this house`, {
    errors: [{ field: 'endpoint', message: 'is not known', ...withSuggestions(suggestions) }],
  });
};

const spoken = (id: string): string => (isCallerText(id) ? `"${id}"` : 'What was asked for');
