import type { Endpoint } from '../catalogue/endpoint.ts';
import type { Call } from './call.ts';

/** The vendor's path of an endpoint: the template in spans, the path in logs and failures. */
export const upstreamPath = ({ id, path = id }: Pick<Endpoint, 'id' | 'path'>): string =>
  `/api/${path}`;

/** The parameters that go out: those of the question, and what is sent with every question to this endpoint. */
export const sentParams = ({
  endpoint,
  params,
}: Pick<Call, 'endpoint' | 'params'>): Readonly<Record<string, string>> =>
  endpoint.constants ? { ...params, ...endpoint.constants } : params;

/** Where a call goes. The path comes from the catalogue alone, the parameters pass through `searchParams`. */
export const upstreamUrl = (baseUrl: URL, call: Call): URL => {
  const url = new URL(baseUrl.origin);
  url.pathname = baseUrl.pathname.replace(/\/+$/, '') + upstreamPath(call.endpoint);
  for (const [name, value] of Object.entries(sentParams(call)))
    url.searchParams.append(name, value);
  return url;
};
