import {
  canonicalParams,
  checkOrder,
  entitlement,
  needsVendorSpelling,
  planInterval,
  setAsideUnknown,
  vendorSpelling,
  type Endpoint,
  type Interval,
} from '@glasshouse/coinglass-client';
import { answerKeyOf } from '@glasshouse/fetch-queue';
import type { Ask } from './ask.ts';
import type { Deciding } from './deciding.ts';

export interface DropInAsk {
  readonly ask: Ask;
  /** Parameters the vendor does not know: dropped, and named in a header. */
  readonly ignored: readonly string[];
}

/**
 * Decides a request of the drop-in face: the vendor's path and parameters as they are, so that a CoinGlass client works by
 * changing its base URL. Strict unless the caller allows a fallback by header.
 * @throws Failure
 */
export const decideDropInAsk = async (
  endpoint: Endpoint,
  query: ReadonlyMap<string, string>,
  allowFallback: boolean,
  { upstream, instruments, now, deadlineAt }: Deciding,
): Promise<DropInAsk> => {
  const unentitled = entitlement(endpoint, upstream.plan);
  if (unentitled) throw unentitled;
  const { known, ignored } = setAsideUnknown(endpoint, Object.fromEntries(query));
  const params = canonicalParams(endpoint, known);
  checkOrder(params, now);
  const asked = params['interval'] as Interval | undefined;
  const planned =
    asked && planInterval({ endpoint, plan: upstream.plan, asked, strict: !allowFallback });
  const names = needsVendorSpelling(params)
    ? await instruments.lookUp((table) => vendorSpelling(endpoint, table, params), deadlineAt)
    : {};
  const served = canonicalParams(endpoint, {
    ...params,
    ...names,
    ...(planned && { interval: planned.interval }),
  });
  return {
    ask: {
      endpoint,
      face: 'vendor',
      params: served,
      askedKey: answerKeyOf({ ...upstream, endpoint: endpoint.id, params: served }),
      asked: params,
      ...(planned?.fallback && { planFallback: planned.fallback }),
      strict: !allowFallback,
    },
    ignored,
  };
};
