/** What became of one row. `skipped` is said aloud, with its reason, and judges nothing. */
export type RowVerdict = 'pass' | 'warn' | 'fail' | 'skipped';

/**
 * What the row asked: Redis itself, where the flags come from, one REST request, the opening of the vendor's WebSocket; or what the
 * requests before it told of the key and of the vendor's clock.
 */
export type RowSubject = 'redis' | 'flags' | 'request' | 'stream' | 'key' | 'clock';

/** What a row found; the check adds name, time taken and trace. */
export interface Finding {
  readonly verdict: RowVerdict;
  /** One clause for a person. */
  readonly detail?: string;
  /** A failure's kind as in coinglass-client's table, or `not-taken`: no fetcher picked the job up. */
  readonly kind?: string;
  /** HTTP status and envelope code of the vendor's answer, if there was one. */
  readonly status?: number;
  readonly code?: string;
  /** Requests to the vendor this row cost; when it failed, the least it can have cost. */
  readonly permits?: number;
  readonly path?: string;
  /** Native params when a request was made, else what was asked. */
  readonly params?: Readonly<Record<string, string>>;
  readonly interval?: string;
  /** The vendor (or the plan) refused `from`; `to` was served. */
  readonly fallback?: { readonly from: string; readonly to: string };
  /** `coinglass`, `custom` or `sandbox`, as the answer says of itself. */
  readonly source?: string;
  /** At most 512 bytes of the body, when it was no success. */
  readonly snippet?: string;
  /** Requests of the vendor's minute and how many it allows, as the answer said. */
  readonly quota?: { readonly used: number; readonly limit: number };
  /** The vendor's clock minus the fetcher's, in ms, exact to half a second. */
  readonly clockAheadMs?: number;
}

export interface RowResult extends Finding {
  readonly name: string;
  readonly subject: RowSubject;
  readonly durationMs: number;
  /** 2 when it was asked a second time after a trouble that may pass. */
  readonly asks?: number;
  readonly traceId?: string;
  /** What to do about it: a page of the repository. Always there when the row failed. */
  readonly runbook?: string;
}
