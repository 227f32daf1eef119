import type { TeamShare, Turn } from '@glasshouse/coinglass-client';
import type { AnswerData, AnswerFacts, FetchJob, VendorSigns } from '@glasshouse/fetch-queue';
import type { Arm } from '@glasshouse/flags';

export type Lane = 'interactive' | 'bulk' | 'probe';

/** A parsed fetch job as the desk takes it: what is asked, and on what terms. */
export interface FetchOrder extends Pick<
  FetchJob,
  'endpoint' | 'params' | 'instrument' | 'interval' | 'strict'
> {
  readonly lane: Lane;
  /** Which client runs it. */
  readonly arm: Arm;
  /** True of the canary while a test is under way: its answer is nobody else's. */
  readonly onTrial?: boolean;
  /** Names the logical call in spans and logs. */
  readonly callId?: string;
  /** On whose account the requests are. */
  readonly team: TeamShare;
  /** Its place in line, for when it is told to come back. */
  readonly turn?: Turn;
  /** Epoch ms; an answer fetched before it does not do. Absent: any fresh answer does. */
  readonly notBefore?: number;
  /** Epoch ms after which nothing is sent any more. */
  readonly deadlineAt: number;
  /** Aborted when the job must go back, or is no longer ours; its reason is what the desk then rejects with. */
  readonly signal: AbortSignal;
  /**
   * Who asked is handed a small answer itself, on the connection on which it is stored: then it is not waited for that it is. One that
   * cannot be stored is served all the same. Only an answer under the very key that was asked, of no check and no canary on trial: whoever
   * asked looks for any other in the store.
   */
  readonly handsOver?: boolean;
  /** Told once, when the order ends: the requests it cost. Not told when it was refused before store or vendor were asked for the answer. */
  readonly onSpent?: (permits: number) => void;
}

/** Where the answer lies. */
export interface Fetched {
  /** The key the order means, at the interval that the plan allows; a pointer lies there if the vendor served another. */
  readonly askedKey: string;
  readonly facts: AnswerFacts;
  /** To be handed over; there only when the order hands over and the answer was fetched now. */
  readonly data?: AnswerData;
  readonly fallback?: { readonly from: string; readonly to: string };
  /** Requests this order cost; 0 when the answer was there. */
  readonly permits: number;
  readonly signs: VendorSigns;
}
