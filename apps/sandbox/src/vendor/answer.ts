import { endpoints } from './endpoints.ts';
import { Refused, refusals, type VendorAnswer } from './envelope.ts';
import type { KeyVerdict } from './keys.ts';
import type { Params } from './params.ts';
import { includes, type Plan } from './plans.ts';

export interface VendorRequest {
  readonly method: string;
  readonly path: string;
  readonly params: Params;
  readonly key: KeyVerdict;
  readonly plan: Plan;
  /** Epoch ms. */
  readonly now: number;
}

/**
 * What the vendor says to one request: path, method, key, plan, parameters, in that order. Pure; limit, delays and
 * misbehaviour are the server's business.
 */
export function answer({ method, path, params, key, plan, now }: VendorRequest): VendorAnswer {
  const endpoint = Object.hasOwn(endpoints, path) ? endpoints[path] : undefined;
  if (!endpoint) return refusals.noSuchPath;
  if (method !== 'GET') return refusals.wrongMethod;
  if (key === 'missing') return refusals.keyMissing;
  if (key === 'invalid') return refusals.keyInvalid;
  if (!includes(plan, endpoint.from)) return refusals.planTooSmall;
  try {
    const data = endpoint.data({ params, plan, now });
    const body = endpoint.withoutMsg ? { code: '0', data } : { code: '0', msg: 'success', data };
    return { status: 200, body };
  } catch (thrown) {
    if (thrown instanceof Refused) return thrown.answer;
    throw thrown;
  }
}
