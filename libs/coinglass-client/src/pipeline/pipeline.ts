import { abortableSleep, type Sleep } from './abortable.ts';
import type { AttemptRecord } from './attempt-record.ts';
import type { Call, Page, Wire } from './call.ts';
import type { Mask } from './mask.ts';
import type { PermitBook, PermitSource } from './permits.ts';
import { readData } from './read-data.ts';
import { readEnvelope } from './read-envelope.ts';
import { withDeadline } from './with-deadline.ts';
import { withPermit } from './with-permit.ts';
import { withQuickRetry } from './with-quick-retry.ts';
import { withSpan } from './with-span.ts';
import { withTimeout } from './with-timeout.ts';

export interface PipelineParts {
  readonly wire: Wire;
  readonly permits: PermitSource;
  /** Takes the vendor key out of whatever is told: failures, spans, records. */
  readonly mask: Mask;
  /** One record for each sending, for the app to log. Must not throw. */
  readonly onAttempt: (record: AttemptRecord) => void;
  readonly random?: () => number;
  /** Epoch ms. */
  readonly now?: () => number;
  readonly sleep?: Sleep;
  /** A permit, or the end of a pause, that takes longer is not waited for in place: the call is the queue's again. */
  readonly permitWaitMaxMs?: number;
  readonly attemptTimeoutMs?: number;
  readonly sendsMax?: number;
  /** The most that is waited before the second sending; doubled with each further one. */
  readonly firstBackOffMs?: number;
  readonly permitBook?: PermitBook;
}

/** How often one call is sent at most, and how long one sending may take in ms, unless told. */
export const pipelineDefaults = { sendsMax: 3, attemptTimeoutMs: 8000 } as const;

const noBook: PermitBook = { granted: () => undefined, returned: () => undefined };

/**
 * The one way to the vendor, from a call to a validated page. The order of the steps is the design: each bounds or
 * pays for what stands below it.
 *
 * Rejects with a `Failure`; with `Postponed` when the call should come back later; with the reason of the call's own
 * signal when that stopped it.
 */
export const createPipeline = ({
  wire,
  permits,
  mask,
  onAttempt,
  random = Math.random,
  now = Date.now,
  sleep = abortableSleep,
  permitWaitMaxMs = 2000,
  attemptTimeoutMs = pipelineDefaults.attemptTimeoutMs,
  sendsMax = pipelineDefaults.sendsMax,
  firstBackOffMs = 500,
  permitBook: book = noBook,
}: PipelineParts): ((call: Call) => Promise<Page>) => {
  const envelope = readEnvelope({ mask }, wire.send); // 200 with code "429" is a refusal, not an answer.
  const data = readData({ mask }, envelope);
  const span = withSpan({ baseUrl: wire.baseUrl, mask, now, onAttempt }, data); // One for each sending.
  const timeout = withTimeout({ attemptTimeoutMs, sleep }, span); // Waiting for a permit is not the vendor's slowness.
  const permit = withPermit({ permits, book, waitMaxMs: permitWaitMaxMs, now }, timeout); // Each sending pays.
  const retry = withQuickRetry(
    { sendsMax, firstBackOffMs, pauseWaitMaxMs: permitWaitMaxMs, random, now, sleep },
    permit,
  );
  return withDeadline({ now, sleep }, retry); // Bounds the retries and the waiting, too.
};
