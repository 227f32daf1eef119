import { createHash } from 'node:crypto';
import {
  checkOrder,
  entitlement,
  Failure,
  findEndpoint,
  invalidRequest,
  isFailure,
  isInterval,
  planInterval,
  type Endpoint,
} from '@glasshouse/coinglass-client';
import { askedParams, fetchJob, type JobOrder } from '@glasshouse/fetch-queue';
import { z } from 'zod';
import type { Deciding } from '../asks/deciding.ts';

/** The body of `POST /v1/jobs`: a fetch job without what is not the caller's to say. The team is that of the key. */
export const orderBody = fetchJob
  .omit({ team: true, traceparent: true })
  .extend({ v: z.literal(1).default(1) });

export interface OrderDeciding extends Deciding {
  /** Why this endpoint may not be fetched now (a kill switch), if so. */
  readonly forbidden: (endpointId: string) => Promise<Failure | undefined>;
}

/**
 * Refuses an order that the fetcher would refuse, too, as far as that costs nothing: no job is added that cannot be answered. What only
 * an instrument table could tell is left to the fetcher where there is no table.
 * @throws Failure
 */
export const checkJobOrder = async (
  order: JobOrder,
  { upstream, instruments, forbidden, now, deadlineAt }: OrderDeciding,
): Promise<void> => {
  if (order.deadlineAt !== undefined && order.deadlineAt <= now) throw inThePast(now);
  const endpoint = findEndpoint(order.endpoint);
  if (isFailure(endpoint)) throw endpoint;
  const refused = entitlement(endpoint, upstream.plan) ?? (await forbidden(endpoint.id));
  if (refused) throw refused;
  try {
    const params = await askedParams(endpoint, questionOf(order), (lookup) =>
      instruments.lookUp(lookup, deadlineAt),
    );
    checkOrder(params, now);
    checkInterval(endpoint, params['interval'], order.strict ?? false, upstream.plan);
  } catch (thrown) {
    if (isFailure(thrown) && noTable.has(thrown.kind)) return;
    throw isFailure(thrown) ? inBodyWords(thrown, order) : thrown;
  }
};

/** Why there may be no instrument table to look into. With Redis away there is no queue either, so that is none of them. */
const noTable = new Set<string>([
  'deadline-passed',
  'egress-disabled',
  'endpoint-disabled',
  'queue-full',
  'team-quota',
  'upstream-credentials',
  'upstream-malformed',
  'upstream-rejected',
  'upstream-throttled',
  'upstream-unavailable',
]);

const questionOf = ({ params, instrument, interval }: JobOrder) => ({
  params,
  instrument,
  interval,
});

const checkInterval = (
  endpoint: Endpoint,
  asked: string | undefined,
  strict: boolean,
  plan: Deciding['upstream']['plan'],
): void => {
  if (isInterval(asked)) planInterval({ endpoint, plan, asked, strict });
};

/** The same failure with its fields named by their place in the body. */
const inBodyWords = (failure: Failure, { instrument, params = {} }: JobOrder): Failure => {
  if (!failure.errors) return failure;
  const errors = failure.errors.map((error) => ({ ...error, field: placeOf(error.field) }));
  return failure.kind === 'invalid-request'
    ? invalidRequest(errors)
    : new Failure(failure.kind, failure.detail, { ...failure.toRecord(), errors });

  function placeOf(field: string): string {
    if (field.includes('.') || field in orderBody.shape) return field;
    if (instrument && (field === 'coin' || field === 'base' || field === 'exchange')) {
      return `instrument.${field}`;
    }
    // The vendor's word for what the look-up calls a coin.
    return `params.${field === 'coin' && 'symbol' in params ? 'symbol' : field}`;
  }
};

const inThePast = (now: number): Failure =>
  invalidRequest([
    {
      field: 'deadlineAt',
      message: `has passed; it is epoch milliseconds, after ${now}`,
    },
  ]);

/** Names an order by what it means: the order of its members and defaults left out make no difference. */
export const orderDigestOf = (order: JobOrder): string => digestOf(JSON.stringify(sorted(order)));

export const digestOf = (text: string): string =>
  createHash('sha256').update(text).digest('base64url');

const sorted = (value: unknown): unknown =>
  typeof value === 'object' && value !== null
    ? Object.entries(value)
        .filter(([, member]) => member !== undefined)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, member]) => [name, sorted(member)])
    : value;
