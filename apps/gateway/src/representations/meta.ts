import { unitsOf, type Fallback } from '@glasshouse/coinglass-client';
import type { AnswerFacts } from '@glasshouse/fetch-queue';
import type { Ask } from '../asks/ask.ts';

/** Why an answer past its freshness is served all the same. */
export type StaleReason = 'revalidating' | 'store-unavailable' | (string & {});

/** The envelope's one member more than the vendor's: what was asked, what was served, and everything in between. */
export interface Meta {
  readonly source: AnswerFacts['source'];
  /** There when the canary fetched it. */
  readonly arm?: 'canary';
  readonly endpoint: string;
  readonly asked: Readonly<Record<string, string | number>>;
  readonly served: Readonly<Record<string, string>>;
  readonly fallback?: Fallback;
  /** ISO 8601, as the vendor's answer was read. */
  readonly fetchedAt: string;
  readonly stale: boolean;
  readonly staleReason?: StaleReason;
  /** Epoch ms: rows from here on were not final at `fetchedAt`. */
  readonly openFrom?: number;
  readonly coverage?: AnswerFacts['coverage'];
  readonly empty?: true;
  readonly units?: Readonly<Record<string, string>>;
  readonly permits: number;
}

/** Only what is true of the stored representation; what belongs to one request is a header. */
export const metaOf = (ask: Ask, facts: AnswerFacts, fallback: Fallback | undefined): Meta => ({
  source: facts.source,
  ...(facts.arm && { arm: facts.arm }),
  endpoint: facts.endpoint,
  asked: ask.asked,
  served: facts.params,
  ...(fallback && { fallback }),
  fetchedAt: new Date(facts.fetchedAt).toISOString(),
  stale: false,
  ...(facts.openFrom !== undefined && { openFrom: facts.openFrom }),
  ...(facts.coverage && { coverage: facts.coverage }),
  ...(facts.rows === 0 && { empty: true as const }),
  ...(Object.keys(ask.endpoint.units).length > 0 && { units: unitsOf(ask.endpoint, facts.params) }),
  permits: facts.permits,
});
