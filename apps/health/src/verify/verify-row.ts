import type { Finding, RowSubject } from '../check/result.ts';
import { runbookOf } from '../check/runbooks.ts';
import type { VerifiedFace } from './question.ts';

/** What one request of the verification showed. */
export interface VerifyRow extends Pick<
  Finding,
  'verdict' | 'detail' | 'kind' | 'status' | 'source' | 'permits' | 'snippet'
> {
  readonly face: VerifiedFace | 'upstream' | 'stream';
  /** The endpoint's id, or `stream`. */
  readonly endpoint: string;
  /** Path and query as sent; absent for what goes as a job. */
  readonly request?: string;
  /** How the gateway came by the answer (`x-cache`), and its age. */
  readonly cache?: string;
  readonly ageSeconds?: number;
  readonly rows?: number;
  readonly durationMs: number;
  readonly traceId?: string;
  readonly runbook?: string;
}

/** Adds the page that tells what to do about it. */
export const withRunbook = (row: VerifyRow, subject: RowSubject): VerifyRow => {
  const runbook = runbookOf(row, subject);
  return runbook === undefined ? row : { ...row, runbook };
};
