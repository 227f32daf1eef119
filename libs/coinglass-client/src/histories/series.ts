import { findEndpoint, type EndpointId } from '../catalogue/catalogue.ts';
import type { Endpoint } from '../catalogue/endpoint.ts';
import { nearest } from '../catalogue/near-miss.ts';
import { invalidRequest, parameterNames, withSuggestions } from '../catalogue/params.ts';
import { isFailure } from '../failures.ts';

/** What a history can be had of, as people say it. The endpoint's id is understood, too. */
export const seriesNames = {
  funding: 'futures/funding-rate/history',
  'funding-oi-weighted': 'futures/funding-rate/oi-weight-history',
  oi: 'futures/open-interest/history',
  'oi-aggregated': 'futures/open-interest/aggregated-history',
  liquidation: 'futures/liquidation/history',
  'liquidation-aggregated': 'futures/liquidation/aggregated-history',
} as const satisfies Record<string, EndpointId>;

const names = Object.keys(seriesNames);

/** True of endpoints whose candles can be asked for by range. */
export const isSeries = (endpoint: Endpoint): boolean =>
  endpoint.timeField !== undefined &&
  ['interval', 'start_time', 'end_time', 'limit'].every((name) =>
    parameterNames(endpoint).includes(name),
  );

/** @throws Failure `invalid-request` naming `what`, with the names that are known. */
export const findSeries = (what: string): Endpoint => {
  const id = Object.hasOwn(seriesNames, what)
    ? seriesNames[what as keyof typeof seriesNames]
    : what;
  const endpoint = findEndpoint(id);
  if (!isFailure(endpoint) && isSeries(endpoint)) return endpoint;
  throw invalidRequest([
    {
      field: 'what',
      message: isFailure(endpoint)
        ? `must be one of: ${names.join(', ')}`
        : `${endpoint.id} has no range of candles; must be one of: ${names.join(', ')}`,
      allowed: names,
      ...withSuggestions(nearest(what, names)),
    },
  ]);
};
