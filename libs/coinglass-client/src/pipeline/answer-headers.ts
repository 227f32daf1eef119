import type { RawAnswer } from './call.ts';

/** What the vendor says of itself in headers. It may say anything: what is no sensible figure is taken as unsaid. */

type Headers = Readonly<Record<string, string | string[] | undefined>>;

export const headerOf = (headers: Headers, name: string): string | undefined => {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
};

const countOf = (headers: Headers, name: string): number | undefined => {
  const text = headerOf(headers, name)?.trim();
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
};

/** Requests used in the vendor's current minute, and how many it allows. */
export const quotaOf = (headers: Headers): RawAnswer['quota'] => {
  const used = countOf(headers, 'api-key-use-limit');
  const limit = countOf(headers, 'api-key-max-limit');
  return { ...(used !== undefined && { used }), ...(limit !== undefined && { limit }) };
};

/** The vendor's clock minus ours, in ms, by its `Date` header: that tells whole seconds, so the middle of the second is taken. */
export const clockAheadMsOf = (headers: Headers, nowMs: number): number | undefined => {
  const at = dateOf(headerOf(headers, 'date')?.trim() ?? '');
  return at === undefined ? undefined : at + 500 - nowMs;
};

/** `Retry-After` in ms, given in seconds or as a date. How long we really wait is for the limiter to bound. */
export const retryAfterMsOf = (headers: Headers, nowMs: number): number | undefined => {
  const text = headerOf(headers, 'retry-after')?.trim();
  if (text === undefined) return undefined;
  if (/^\d{1,10}(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000);
  const at = dateOf(text);
  return at !== undefined && at > nowMs ? at - nowMs : undefined;
};

/** An HTTP date begins with its weekday; without that, `Date` reads a time into "-1". */
const dateOf = (text: string): number | undefined => {
  const at = /^[A-Za-z]{3}/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(at) ? undefined : at;
};
