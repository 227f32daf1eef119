import { limitMax } from './range.ts';
import { Refused, parameterMissing, parameterNotANumber, refusals } from './envelope.ts';
import { isInterval, type Interval } from './plans.ts';

export type Params = Readonly<Record<string, string>>;

/** A query as the vendor's framework reads it: a repeated name becomes one value joined by commas. */
export function paramsOf(query: string): Params {
  const params = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    const before = params.get(name);
    params.set(name, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(params);
}

const valueOf = (params: Params, name: string): string | undefined =>
  Object.hasOwn(params, name) ? params[name] : undefined;

export function required(params: Params, name: string): string {
  const value = valueOf(params, name);
  if (!value) throw new Refused(parameterMissing(name));
  return value;
}

export function optionalNumber(params: Params, name: string): number | undefined {
  const value = valueOf(params, name);
  if (!value) return undefined;
  if (!/^-?\d{1,18}$/.test(value)) throw new Refused(parameterNotANumber(value));
  return Number(value);
}

export function intervalOf(params: Params): Interval {
  const interval = required(params, 'interval');
  if (!isInterval(interval)) throw new Refused(refusals.badInterval);
  return interval;
}

/** 1 to 1000; what is outside is taken to the nearer end without a word. */
export const limitOf = (params: Params): number =>
  Math.min(limitMax, Math.max(1, optionalNumber(params, 'limit') ?? limitMax));
