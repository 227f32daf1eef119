import { z } from 'zod';
import { intervalMap } from './interval-map.ts';

/** What a flag's values may be; the names of OpenFeature. */
export type FlagType = 'boolean' | 'string' | 'number' | 'object';

export interface FlagRow {
  readonly type: FlagType;
  readonly summary: string;
  /** Served when the document cannot answer; so it must be the safe value. */
  readonly default: unknown;
  /** What each variant's value must satisfy. */
  readonly values: z.ZodType;
  readonly owner: string;
  /** `never` for switches that stay, or the day (YYYY-MM-DD) by which the flag is to be removed. */
  readonly expires: string;
}

const row = <const Row extends FlagRow>(it: Row): Row => it;

/** Every flag with a fixed name. One row is all there is to say about it in code. */
export const flagTable = {
  'vendor.egress.enabled': row({
    type: 'boolean',
    summary: 'May anything be sent to CoinGlass at all? Off: stored answers only',
    default: true,
    values: z.boolean(),
    owner: 'platform',
    expires: 'never',
  }),
  'coinglass.arm': row({
    type: 'string',
    summary: 'Which client a call uses; the targeting key is the call id',
    default: 'baseline',
    values: z.enum(['baseline', 'canary']),
    owner: 'platform',
    expires: 'never',
  }),
  'coinglass.rpm': row({
    type: 'number',
    summary:
      'Requests per window; lowers COINGLASS_RPM, never raises it (100000 leaves it as configured)',
    default: 100_000,
    values: z.int().min(1).max(100_000),
    owner: 'platform',
    expires: 'never',
  }),
  'coinglass.fallback.interval': row({
    type: 'object',
    summary: 'Where to start climbing when an interval is refused: refused interval to coarser one',
    default: { '1h': '4h' },
    values: intervalMap,
    owner: 'platform',
    expires: 'never',
  }),
  'canary.auto': row({
    type: 'boolean',
    summary: 'May the canary act on its verdict? Off: it only advises',
    default: true,
    values: z.boolean(),
    owner: 'platform',
    expires: 'never',
  }),
} as const;

type Table = typeof flagTable;
type KeysOf<Type extends FlagType> = {
  [Key in keyof Table]: Table[Key]['type'] extends Type ? Key : never;
}[keyof Table];

/** The kill switch of one endpoint: `endpoint.` and the endpoint's id. */
export type EndpointFlagKey = `endpoint.${string}`;
export type BooleanFlagKey = KeysOf<'boolean'> | EndpointFlagKey;
export type StringFlagKey = KeysOf<'string'>;
export type NumberFlagKey = KeysOf<'number'>;
export type ObjectFlagKey = KeysOf<'object'>;
export type FlagKey = keyof Table | EndpointFlagKey;

const endpointPrefix = 'endpoint.';

export const endpointFlagKey = (endpointId: string): EndpointFlagKey =>
  `${endpointPrefix}${endpointId}`;

export const isEndpointFlagKey = (key: string): key is EndpointFlagKey =>
  key.startsWith(endpointPrefix) && key.length > endpointPrefix.length;

/** Heatmaps belong to dearer plans than ours: switched off unless a document switches one on. */
const endpointRow = (id: string): FlagRow => ({
  type: 'boolean',
  summary: `May ${id} be asked for? Off: stored answers only`,
  default: !id.includes('heatmap'),
  values: z.boolean(),
  owner: 'platform',
  expires: 'never',
});

/** The row of a key, those made from the endpoint pattern included; undefined for a key nobody reads. */
export const flagRow = (key: string): FlagRow | undefined => {
  if (Object.hasOwn(flagTable, key)) return flagTable[key as keyof Table];
  return isEndpointFlagKey(key) ? endpointRow(key.slice(endpointPrefix.length)) : undefined;
};

/** Every key that a document must have, given the endpoints there are. */
export const knownFlagKeys = (endpointIds: readonly string[]): FlagKey[] => [
  ...(Object.keys(flagTable) as (keyof Table)[]),
  ...endpointIds.map(endpointFlagKey),
];
