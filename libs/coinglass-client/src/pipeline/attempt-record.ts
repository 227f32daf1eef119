import { isFailure, type Failure, type FailureKind } from '../failures.ts';
import type { Attempt, RawAnswer } from './call.ts';
import { Garbled } from './garbled.ts';
import type { Mask } from './mask.ts';
import { sentParams, upstreamPath } from './upstream-url.ts';
import { boundedText, snippetOf } from './vendor-text.ts';

/** One sending, told in plain data with secrets masked: the app's log line, and what the span is filled from. */
export interface AttemptRecord {
  readonly event: 'coinglass.attempt';
  /** The endpoint's id. */
  readonly operation: string;
  readonly method: 'GET';
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  /** From 1. */
  readonly attempt: number;
  readonly arm: string;
  readonly callId?: string;
  readonly lane: string;
  /** On whose account. */
  readonly team: string;
  readonly permitWaitMs: number;
  readonly durationMs: number;
  /** HTTP status; absent when no answer came. */
  readonly status?: number;
  /** The envelope's code and message, when it was no success. */
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly failureKind?: FailureKind;
  /** Our own words on the failure. */
  readonly failureDetail?: string;
  /** The same closed list as in span and metric: see `errorTypeOf`. */
  readonly errorType?: string;
  /** Nobody wanted the answer any more: neither success nor failure. */
  readonly cancelled?: true;
  readonly quotaUsed?: number;
  readonly quotaLimit?: number;
  /** The vendor's clock minus ours, in ms, exact to half a second. */
  readonly clockAheadMs?: number;
  readonly wireBytes?: number;
  /** At most 512 bytes, on failure only. */
  readonly bodySnippet?: string;
}

/** How an attempt ended; `thrown` is absent when it ended well. */
export interface Outcome {
  readonly answer?: RawAnswer | undefined;
  readonly thrown?: unknown;
  readonly durationMs: number;
}

export const attemptRecord = (
  attempt: Attempt,
  { answer, thrown, durationMs }: Outcome,
  mask: Mask,
): AttemptRecord => {
  const { endpoint, arm, callId, lane, team, permitWaitMs } = attempt;
  const safe = (text: string) => boundedText(mask(text));
  return {
    event: 'coinglass.attempt',
    operation: endpoint.id,
    method: 'GET',
    path: upstreamPath(endpoint),
    params: Object.fromEntries(
      Object.entries(sentParams(attempt)).map(([name, value]) => [name, safe(value)]),
    ),
    attempt: attempt.attempt,
    arm,
    ...(callId !== undefined && { callId }),
    lane,
    team: team.id,
    permitWaitMs,
    durationMs,
    ...(answer && answerFacts(answer)),
    ...(thrown !== undefined && failureFacts(attempt, answer, thrown, mask)),
  };
};

const answerFacts = ({ status, quota, wireBytes, clockAheadMs }: RawAnswer) => ({
  status,
  wireBytes,
  ...(quota.used !== undefined && { quotaUsed: quota.used }),
  ...(quota.limit !== undefined && { quotaLimit: quota.limit }),
  ...(clockAheadMs !== undefined && { clockAheadMs }),
});

const failureFacts = (
  { signal }: Attempt,
  answer: RawAnswer | undefined,
  thrown: unknown,
  mask: Mask,
) => {
  const aborted = signal.aborted && thrown === signal.reason;
  if (aborted && !isFailure(thrown)) return { cancelled: true as const };
  const failure = isFailure(thrown) ? thrown : undefined;
  const { status, code, message } = failure?.upstream ?? {};
  return {
    failureKind: failure?.kind ?? ('internal' as const),
    failureDetail: failure?.detail ?? 'An unexpected error',
    errorType: errorTypeOf(failure, aborted),
    ...(status !== undefined && { status }),
    ...(code !== undefined && code !== '0' && { errorCode: boundedText(mask(code), 32) }),
    ...(message !== undefined && { errorMessage: boundedText(mask(message)) }),
    ...(answer && { bodySnippet: snippetOf(answer.body, mask) }),
  };
};

/**
 * Why an attempt failed, in few words for counting: the HTTP status, or `vendor_<code>` when a 200 said otherwise, or
 * `timeout`, `network`, `decode` (unreadable), `schema` (readable, not as expected), `internal`.
 */
const errorTypeOf = (failure: Failure | undefined, aborted: boolean): string => {
  if (!failure) return 'internal';
  if (aborted) return 'timeout';
  const { status, code } = failure.upstream ?? {};
  if (failure.kind === 'upstream-malformed')
    return failure instanceof Garbled || code !== '0' ? 'decode' : 'schema';
  if (status === undefined) return 'network';
  if (status !== 200) return String(status);
  // The vendor invents codes; only the plausible ones may become a label.
  return code !== undefined && /^[45]\d\d$/.test(code) ? `vendor_${code}` : 'vendor_other';
};
