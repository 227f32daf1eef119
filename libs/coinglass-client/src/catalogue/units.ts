import type { Endpoint } from './endpoint.ts';

/**
 * The units of the vendor's figures. `{unit}` stands for what the parameter `unit` says (the vendor
 * keeps the field names and changes their meaning); `quote` is the instrument's quote asset.
 */
export const units = [
  'percent',
  'usd',
  'coin',
  'quote',
  'shares',
  'multiple',
  'ms',
  '{unit}',
] as const;
export type Unit = (typeof units)[number];

/** Field -> unit of the answer to these parameters. */
export const unitsOf = (
  endpoint: Endpoint,
  params: Readonly<Record<string, string>>,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(endpoint.units).map(([field, unit]) => [
      field,
      unit === '{unit}' ? (params.unit ?? 'usd') : unit,
    ]),
  );
