import {
  asFailure,
  Failure,
  isFailure,
  noPermitInTime,
  Postponed,
  type PermitWait,
} from '@glasshouse/coinglass-client';
import { slowRetry } from '@glasshouse/fetch-queue';

/** Why a running job is stopped: `go-back` = the process stops, `not-ours` = its lock was lost and another has it. */
export class JobStopped extends Error {
  override readonly name = 'JobStopped';
  readonly how: 'go-back' | 'not-ours';

  constructor(how: 'go-back' | 'not-ours') {
    super(how === 'go-back' ? 'the fetcher stops' : 'the job is another worker’s now');
    this.how = how;
  }
}

/** A job that runs apart must come back for it: its turn has not come, or its process died. None of it is an attempt. */
export class SetAside extends Error {
  override readonly name = 'SetAside';

  constructor(readonly waitMs: number) {
    super(`comes back in ${waitMs} ms`);
  }
}

/** What becomes of a job that did not answer. */
export type Fate =
  /** The end: announced, kept among the failed jobs. */
  | { readonly then: 'fail'; readonly failure: Failure }
  /** The queue's own attempts. */
  | { readonly then: 'retry'; readonly failure: Failure }
  /** Back to the queue for a while, no attempt spent. `because` is told to who waits. */
  | {
      readonly then: 'postpone';
      readonly waitMs: number;
      /** When it comes back, if that is before its wait is over; see `Postponed`. */
      readonly comesBackInMs?: number;
      readonly because?: PermitWait['because'];
    }
  /** Nothing to do: another worker has it. */
  | { readonly then: 'let-go' };

export interface JobTerms {
  readonly queue: 'shared' | 'interactive';
  /** Attempts that have failed before this one. */
  readonly attemptsMade: number;
  /** Epoch ms; see `JobDeadlines`. */
  readonly startBy: number;
  /** A probe: what it met is its answer, and it is not sent again. It still waits for its first permit. */
  readonly once?: boolean;
  readonly now: number;
}

/** Redis was away: soon again, but not at once. */
const storeAwayMs = 2_000;
/** The run was over before the job's time was. */
const runOverMs = 1_000;

/**
 * The three ways a job goes on, read from the failures' table, and the job's own deadline above them all. Decides only; doing it is the
 * runner's.
 */
export const fateOf = (thrown: unknown, terms: JobTerms): Fate => {
  if (thrown instanceof JobStopped) {
    return thrown.how === 'not-ours' ? { then: 'let-go' } : { then: 'postpone', waitMs: 0 };
  }
  if (thrown instanceof Postponed) {
    const { waitMs, comesBackInMs, because } = thrown;
    return postponed({ waitMs, comesBackInMs, because }, terms, () =>
      noPermitInTime(because, waitMs),
    );
  }
  if (thrown instanceof SetAside) {
    return postponed({ waitMs: thrown.waitMs }, terms, tooLate);
  }
  const failure = asFailure(thrown);
  const wait = terms.once === true ? undefined : waitFor(failure);
  if (wait) return postponed(wait, terms, () => failure);
  const retries = failure.rule.job === 'retry' && terms.queue === 'shared';
  return { then: retries && mayRetry(terms) ? 'retry' : 'fail', failure };
};

const postponed = (
  wait: Omit<Extract<Fate, { then: 'postpone' }>, 'then'>,
  { now, startBy }: JobTerms,
  tooLong: () => Failure,
): Fate =>
  now + wait.waitMs < startBy
    ? { then: 'postpone', ...wait }
    : { then: 'fail', failure: tooLong() };

/** Failures of this run that are none of the job's: it may come back when what it lacks is there. */
const waitFor = (
  failure: Failure,
): { readonly waitMs: number; readonly because?: PermitWait['because'] } | undefined => {
  switch (failure.kind) {
    case 'upstream-throttled':
      return { waitMs: failure.retryAfterMs ?? runOverMs, because: 'pause' };
    case 'queue-full':
      return { waitMs: failure.retryAfterMs ?? runOverMs, because: 'limit' };
    case 'team-quota':
      return { waitMs: failure.retryAfterMs ?? runOverMs, because: 'team-quota' };
    case 'store-unavailable':
      return { waitMs: storeAwayMs };
    case 'deadline-passed':
      return { waitMs: runOverMs };
    default:
      return undefined;
  }
};

/** Not when the queue's next attempt could come too late: then this failure is the last word, and it says why. */
const mayRetry = ({ attemptsMade, now, startBy }: JobTerms): boolean =>
  attemptsMade + 1 < slowRetry.attempts &&
  now + slowRetry.backoff.delay * 2 ** attemptsMade < startBy;

/** True of what nobody foresaw: a bug, whose stack belongs in the log and nowhere else. */
export const isBug = (thrown: unknown): boolean =>
  isFailure(thrown)
    ? thrown.kind === 'internal'
    : !(thrown instanceof Postponed) &&
      !(thrown instanceof JobStopped) &&
      !(thrown instanceof SetAside);

const tooLate = (): Failure =>
  new Failure('deadline-passed', 'The deadline comes before the job’s turn in the quarantine');
