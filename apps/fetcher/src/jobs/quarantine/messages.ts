import type { FailureRecord, PermitWait } from '@glasshouse/coinglass-client';
import type { CallArm } from '../../arms/job-arm.ts';
import type { QueueKind } from '../job-runner.ts';
import type { DoneJob } from '../job-work.ts';

/** A job as the fetcher hands it to its quarantine process: what a producer wrote, read again there. */
export interface SetApart {
  readonly run: number;
  readonly queue: QueueKind;
  readonly jobId: string;
  readonly data: unknown;
  /** The producer's clock. */
  readonly timestamp: number;
  readonly traceparent?: string;
  /** Drawn by the fetcher. */
  readonly call: CallArm;
}

/** What the quarantine process says of it, and the requests it cost, if it got so far. No word at all is the process's death. */
export type Verdict = { readonly run: number; readonly spent?: number | undefined } & (
  | { readonly done: DoneJob }
  | { readonly failure: FailureRecord }
  | { readonly postponed: PermitWait }
);

/** The process's first word: from here on, its death is the doing of the job in it. */
export interface Ready {
  readonly ready: true;
}
