/**
 * Every way a fetch can fail, in one table. The HTTP status of a problem, the client's quick retry
 * and the fate of the job are read from here and from nowhere else.
 *
 * `quickRetry`: may the pipeline send again at once (with a new permit)?
 *   `no` · `yes` · `once` · `pause-permitting` (only when the shared pause ends inside the deadline)
 * `job`: what becomes of a fetch job: `discard` (terminal), `retry` (the queue's own attempts),
 *   `pause` (back to the queue until the pause ends, no attempt spent).
 */
export interface FailureRule {
  readonly status: number;
  readonly title: string;
  readonly retryable: boolean;
  readonly quickRetry: 'no' | 'yes' | 'once' | 'pause-permitting';
  readonly job: 'discard' | 'retry' | 'pause';
}

const rule = (
  status: number,
  title: string,
  { retryable = false, quickRetry = 'no', job = 'discard' }: Partial<FailureRule> = {},
): FailureRule => ({ status, title, retryable, quickRetry, job });

export const failures = {
  'invalid-request': rule(400, 'The request is not valid'),
  unauthenticated: rule(401, 'A valid team key is needed'),
  'forbidden-scope': rule(403, 'The team key lacks a scope'),
  'team-quota': rule(429, 'The team is over its quota', { retryable: true }),
  'unknown-endpoint': rule(404, 'There is no such endpoint'),
  'unknown-instrument': rule(404, 'There is no such instrument'),
  'job-unknown': rule(404, 'There is no such job'),
  'idempotency-conflict': rule(409, 'The Idempotency-Key stands for another request'),
  'change-refused': rule(409, 'The change makes no sense as things stand'),
  'ambiguous-instrument': rule(422, 'Several instruments fit'),
  'interval-not-available': rule(422, 'The interval is not available'),
  'plan-not-entitled': rule(403, 'The CoinGlass plan does not include this'),
  'endpoint-disabled': rule(503, 'The endpoint is switched off'),
  'egress-disabled': rule(503, 'Requests to CoinGlass are switched off'),
  'queue-full': rule(503, 'The queue is too long for the deadline', { retryable: true }),
  'store-unavailable': rule(503, 'The answer store is unavailable', { retryable: true }),
  'upstream-credentials': rule(503, 'CoinGlass refuses our key'),
  'upstream-throttled': rule(503, 'CoinGlass throttles us', {
    retryable: true,
    quickRetry: 'pause-permitting',
    job: 'pause',
  }),
  'upstream-unavailable': rule(503, 'CoinGlass is unavailable', {
    retryable: true,
    quickRetry: 'yes',
    job: 'retry',
  }),
  'upstream-rejected': rule(502, 'CoinGlass rejected our request'),
  'upstream-malformed': rule(502, 'CoinGlass answered with something unreadable', {
    quickRetry: 'once',
  }),
  'deadline-passed': rule(504, 'The deadline passed', { retryable: true }),
  'invalid-job': rule(400, 'The job is not valid'),
  'poison-job': rule(500, 'The job ended its worker'),
  cancelled: rule(410, 'The job was cancelled'),
  internal: rule(500, 'Something is wrong on our side'),
} as const satisfies Record<string, FailureRule>;

export type FailureKind = keyof typeof failures;

/** One thing wrong with one field of what the caller sent. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
  readonly allowed?: readonly string[];
  readonly suggestions?: readonly string[];
}

/** What the vendor said, as far as our own people may see it. Callers are shown status and code only. */
export interface UpstreamFacts {
  /** HTTP status; absent when no answer came. */
  readonly status?: number;
  /** The envelope's `code`, as a string. */
  readonly code?: string;
  readonly message?: string;
  readonly path?: string;
  readonly params?: Readonly<Record<string, string>>;
  /** At most 512 bytes of the body, only when it was no success. */
  readonly snippet?: string;
}

export interface FailureDetails {
  readonly retryAfterMs?: number;
  readonly errors?: readonly FieldError[];
  readonly upstream?: UpstreamFacts;
  readonly cause?: unknown;
}

/** A failure as it crosses Redis: plain data, since classes do not survive the crossing. */
export interface FailureRecord extends Omit<FailureDetails, 'cause'> {
  readonly kind: FailureKind;
  readonly detail: string;
}

/** Thrown everywhere, told apart by `kind`: a class does not survive Redis, a string does. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly kind: FailureKind;
  readonly detail: string;
  readonly retryAfterMs?: number;
  readonly errors?: readonly FieldError[];
  readonly upstream?: UpstreamFacts;

  constructor(kind: FailureKind, detail: string, more: FailureDetails = {}) {
    super(`${kind}: ${detail}`, more.cause === undefined ? undefined : { cause: more.cause });
    this.kind = kind;
    this.detail = detail;
    if (more.retryAfterMs !== undefined) this.retryAfterMs = more.retryAfterMs;
    if (more.errors !== undefined) this.errors = more.errors;
    if (more.upstream !== undefined) this.upstream = more.upstream;
  }

  get rule(): FailureRule {
    return failures[this.kind];
  }

  toRecord(): FailureRecord {
    const { kind, detail, retryAfterMs, errors, upstream } = this;
    return {
      kind,
      detail,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      ...(errors !== undefined && { errors }),
      ...(upstream !== undefined && { upstream }),
    };
  }

  static fromRecord(record: FailureRecord): Failure {
    return new Failure(record.kind, record.detail, record);
  }
}

export const isFailure = (thrown: unknown): thrown is Failure => thrown instanceof Failure;

/** Whatever was thrown, as a Failure: what is not one already is a bug of ours, `internal`, its stack kept as cause. */
export const asFailure = (thrown: unknown): Failure =>
  isFailure(thrown)
    ? thrown
    : new Failure('internal', 'An unexpected error; see the log under this trace id', {
        cause: thrown,
      });
