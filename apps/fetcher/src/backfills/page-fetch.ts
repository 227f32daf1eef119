import {
  entitlement,
  Failure,
  findEndpoint,
  isFailure,
  pageAt,
  pageParams,
  readPageRows,
  type Call,
  type Endpoint,
  type Page,
} from '@glasshouse/coinglass-client';
import type { PageLease, StoredPage } from '@glasshouse/fetch-queue';
import type { Arm } from '@glasshouse/flags';
import { refuseSandbox, sourceOf, type FetchUpstream } from '../fetch/answer-fetch.ts';
import { permitsSpent } from '../fetch/spending.ts';

export interface PageFetchParts {
  readonly upstream: FetchUpstream;
  readonly pipeline: (call: Call) => Promise<Page>;
  /** Why this endpoint may not be fetched now (a kill switch), if so. */
  readonly forbidden: (endpointId: string) => Promise<Failure | undefined>;
  /** The arm of what is fetched for everybody. */
  readonly standing: () => Promise<Arm>;
  readonly now: () => number;
}

export interface PageTerms {
  /** Epoch ms after which nothing is sent any more. */
  readonly deadlineAt: number;
  readonly signal: AbortSignal;
}

export interface FetchedPage {
  readonly facts: StoredPage;
  /** See `PageRows.lines`. */
  readonly lines: string;
}

/**
 * Fetches one page of a backfill, on the bulk lane and on its team's account. Not through the answer store: a long history would push
 * everybody's answers out of it. Rejects with a `Failure` or `Postponed`, as the pipeline does.
 */
export const createPageFetch =
  ({ upstream, pipeline, forbidden, standing, now }: PageFetchParts) =>
  async (
    { order, page: index }: PageLease,
    { deadlineAt, signal }: PageTerms,
  ): Promise<FetchedPage> => {
    const endpoint = known(order.endpoint);
    const refused = entitlement(endpoint, upstream.plan) ?? (await forbidden(endpoint.id));
    if (refused) throw refused;
    const { interval } = order.plan;
    const span = pageAt(order.plan, index);
    const arm = await standing();
    const page = await pipeline({
      endpoint,
      params: sorted({ ...order.params, ...pageParams(span, interval) }),
      lane: 'bulk',
      arm,
      team: order.team,
      deadlineAt,
      signal,
    });
    refuseSandbox(page, upstream);
    const fetchedAt = now();
    const { lines, ...read } = readPageRows(endpoint, { ...span, interval, fetchedAt }, page.data);
    return {
      lines,
      facts: {
        state: 'done',
        ...read,
        fetchedAt,
        source: sourceOf(page, upstream, arm),
        permits: permitsSpent(),
      },
    };
  };

export type PageFetch = ReturnType<typeof createPageFetch>;

const known = (id: string): Endpoint => {
  const endpoint = findEndpoint(id);
  if (isFailure(endpoint)) throw endpoint;
  return endpoint;
};

const sorted = (params: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1)));
