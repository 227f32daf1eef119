import { endpoints, houseNameOf, type Endpoint } from '@glasshouse/coinglass-client';

export const faces = ['house', 'drop-in'] as const;
export type VerifiedFace = (typeof faces)[number];

/** One request of the verification: an endpoint of the catalogue with its sample, in one of the gateway's faces. */
export interface Question {
  readonly face: VerifiedFace;
  readonly endpoint: Endpoint;
  /** Path and query, as they stand in a URL. */
  readonly path: string;
}

/** Every endpoint in every face that is wanted; face by face, so that the second one shows what is stored. */
export const questionsIn = (wanted: readonly VerifiedFace[]): readonly Question[] =>
  wanted.flatMap((face) =>
    endpoints.map((endpoint) => ({ face, endpoint, path: paths[face](endpoint) })),
  );

const paths: Readonly<Record<VerifiedFace, (endpoint: Endpoint) => string>> = {
  'drop-in': ({ id, sample }) => `/api/${id}${queryOf(Object.entries(sample.params))}`,
  /** An exact instrument id is understood where a coin is expected. */
  house: ({ route, sample }) => {
    const { symbol, ...rest } = sample.params;
    const path = symbol === undefined ? route : route.replace(':coin', encodeURIComponent(symbol));
    return `${path}${queryOf(Object.entries(rest).map(([name, value]) => [houseNameOf(name), value]))}`;
  },
};

const queryOf = (pairs: readonly (readonly [string, string])[]): string => {
  const query = new URLSearchParams(pairs.map(([name, value]) => [name, value])).toString();
  return query && `?${query.replaceAll('%2C', ',')}`;
};
