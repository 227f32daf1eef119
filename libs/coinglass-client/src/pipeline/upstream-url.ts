import type { Endpoint } from '../catalogue/endpoint.ts';
import type { Call } from './call.ts';

/** The vendor's path of an endpoint: the template in spans, the path in logs and failures. */
export const upstreamPath = ({ id }: Pick<Endpoint, 'id'>): string => `/api/${id}`;

/** Where a call goes. The path comes from the catalogue alone, the parameters pass through `searchParams`. */
export const upstreamUrl = (baseUrl: URL, { endpoint, params }: Call): URL => {
  const url = new URL(baseUrl.origin);
  url.pathname = baseUrl.pathname.replace(/\/+$/, '') + upstreamPath(endpoint);
  for (const [name, value] of Object.entries(params)) url.searchParams.append(name, value);
  return url;
};
