import type { CallOutcome } from '@glasshouse/canary';
import type { Failure, FailureKind } from '@glasshouse/coinglass-client';

type ErrorGroup = Exclude<CallOutcome, 'ok'>;

/** What the vendor's status says, or the code in its body, whichever speaks of a refusal. */
const bySaying = ({ upstream }: Failure): ErrorGroup => {
  const said = [upstream?.status, Number(upstream?.code)];
  if (said.some((number) => number === 401 || number === 403 || number === 404)) return 'auth';
  if (said.some((number) => number === 400 || number === 422)) return 'params';
  return 'server';
};

const group = (name: ErrorGroup) => () => name;
const notCounted = () => undefined;

/** Every kind there is, so that a new one has to be thought of. */
const groups: Readonly<Record<FailureKind, (failure: Failure) => ErrorGroup | undefined>> = {
  'upstream-credentials': group('auth'),
  'plan-not-entitled': group('auth'),
  'upstream-rejected': bySaying,
  // However it is said: with another interval the call would have been answered.
  'interval-not-available': group('params'),
  'unknown-instrument': group('params'),
  'upstream-unavailable': group('server'),
  'upstream-malformed': group('server'),
  internal: group('server'),
  // Judged by the ledgers of permits and sendings.
  'upstream-throttled': notCounted,
  // The caller’s, or somebody’s order.
  'invalid-request': notCounted,
  'invalid-job': notCounted,
  'unknown-endpoint': notCounted,
  'ambiguous-instrument': notCounted,
  'endpoint-disabled': notCounted,
  'egress-disabled': notCounted,
  cancelled: notCounted,
  // Ours: no permit in time, no store, a process that died.
  'team-quota': notCounted,
  'queue-full': notCounted,
  'store-unavailable': notCounted,
  'deadline-passed': notCounted,
  'poison-job': notCounted,
  // The gateway’s own.
  unauthenticated: notCounted,
  'forbidden-scope': notCounted,
  'job-unknown': notCounted,
  'idempotency-conflict': notCounted,
  'change-refused': notCounted,
};

/**
 * How a logical call that has failed for good counts against its arm; undefined: not at all. For calls that were sent: what was refused
 * from memory, or by us, says nothing of the client.
 */
export const errorGroupOf = (failure: Failure): ErrorGroup | undefined =>
  groups[failure.kind](failure);
