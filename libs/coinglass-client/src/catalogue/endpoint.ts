import type { z } from 'zod';
import type { Plan } from './plans.ts';
import type { Interval } from '../intervals/ladder.ts';
import type { Unit } from './units.ts';

/** What kind of symbol the vendor wants: an instrument id of one exchange, a coin, or none at all. */
export type SymbolKind = 'pair' | 'coin' | 'none';

/**
 * How long an answer of this endpoint may be served.
 * `candles`: decided by the range and the interval (see freshness.ts). `list`: fixed figures.
 */
export type FreshnessRule =
  | { readonly kind: 'candles' }
  | { readonly kind: 'list'; readonly freshForMs: number; readonly staleForMs: number };

/** From which interval on a plan may read the endpoint: `false` = not at all, `true` = any. */
export type PlanRule = boolean | Interval;

/**
 * Everything that is true of one upstream endpoint: facts only, no behaviour. Routes, job schema,
 * validation, sandbox checks, OpenAPI and the start check are derived from it.
 */
export interface Endpoint {
  /** The vendor's path without `/api/`; the endpoint's name everywhere: jobs, flags, metrics, docs. */
  readonly id: string;
  /** Where the vendor has it, if that is not where its id says. */
  readonly path?: string;
  /** Sent with every question, and no part of what is asked. */
  readonly constants?: Readonly<Record<string, string>>;
  /** The intervals the vendor is asked for, finest first, if not all that `params` takes. */
  readonly intervals?: readonly Interval[];
  readonly summary: string;
  /** The house route, e.g. `/advanced/funding/rate/:coin`. */
  readonly route: string;
  readonly symbol: SymbolKind;
  /** The vendor's own query parameters, every value a string on the wire. Strict: an unknown one is an error. */
  readonly params: z.ZodObject;
  /**
   * The envelope's `data`. Output is the house rendition: numeric strings become numbers with the vendor's
   * own digits, times become ms, unknown fields pass. A lost or retyped field fails.
   */
  readonly data: z.ZodType;
  readonly plans: Readonly<Record<Plan, PlanRule>>;
  readonly freshness: FreshnessRule;
  /** Field -> unit; a dot leads into objects and the items of lists, `*` is any key. Told to the caller in `meta.units`. */
  readonly units: Readonly<Record<string, Unit>>;
  /** The row's time field, for candles and other series: what openFrom and coverage are read from. */
  readonly timeField?: string;
  /** How long a row spans when no `interval` parameter says it. */
  readonly rowInterval?: Interval;
  /** For maps and lists that the house face narrows itself, e.g. instruments by exchange. */
  readonly narrowBy?: 'exchange';
  /** What to read instead when the plan does not include this endpoint: a house route. */
  readonly insteadUse?: string;
  /** One recorded question and answer: test fixture, OpenAPI example. */
  readonly sample: { readonly params: Readonly<Record<string, string>>; readonly data: unknown };
}

export const defineEndpoint = <const E extends Endpoint>(endpoint: E): E => endpoint;
