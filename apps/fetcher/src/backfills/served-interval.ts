import { asFailure, Failure, isFailure } from '@glasshouse/coinglass-client';
import type { PageLease } from '@glasshouse/fetch-queue';
import type { FetchOrder } from '../fetch/fetch-order.ts';
import type { FetchDesk } from '../fetch/fetch-desk.ts';
import type { PageTerms } from './page-fetch.ts';

/**
 * After a refusal of the interval: asks for a single candle, climbing, so that the backfill can say which interval works, or that it was
 * only the page. At most four requests, and one for a table of instruments that is too old. Resolves to undefined when the interval is served after all; rejects as the desk does.
 */
export const intervalRefusal = async (
  desk: Pick<FetchDesk, 'fetch'>,
  { order }: PageLease,
  { deadlineAt, signal, arm }: PageTerms & Pick<FetchOrder, 'arm'>,
  refusal: Failure,
): Promise<Failure | undefined> => {
  const { interval } = order.plan;
  try {
    const { facts } = await desk.fetch({
      endpoint: order.endpoint,
      params: { ...order.params, interval, limit: '1' },
      strict: false,
      lane: 'bulk',
      arm,
      team: order.team,
      deadlineAt,
      signal,
    });
    const served = facts.params['interval'];
    return served === interval || served === undefined
      ? undefined
      : servedAt(served, order, refusal);
  } catch (thrown) {
    if (isFailure(thrown) && thrown.kind === 'interval-not-available') return asFailure(thrown);
    throw thrown;
  }
};

const servedAt = (
  served: string,
  { endpoint, plan }: PageLease['order'],
  { upstream }: Failure,
): Failure =>
  new Failure(
    'interval-not-available',
    `CoinGlass does not serve ${endpoint} at ${plan.interval} here, but at ${served}: order the backfill with interval ${served}`,
    {
      errors: [
        {
          field: 'interval',
          message: `${plan.interval} is refused by CoinGlass`,
          allowed: [served],
          suggestions: [served],
        },
      ],
      ...(upstream && { upstream }),
    },
  );
