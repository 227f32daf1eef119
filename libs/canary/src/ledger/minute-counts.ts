import type { PerArm } from '../arm.ts';

/**
 * Why a logical call ended badly, as far as it counts against an arm: `auth` = 401/403/404 (also as a code in a 200), `params` =
 * 400/422 that no fallback cured, `server` = 5xx, time-out, network, unreadable or unexpected answer.
 */
export const errorGroups = ['auth', 'params', 'server'] as const;
export type ErrorGroup = (typeof errorGroups)[number];

/**
 * How logical calls ended, each counted once, by its final outcome: while a test of two arms is under way the calls that were drawn, else
 * those that sent anything. Not among them: cancelled calls, calls that got no permit in time, and those that ended throttled (429 is
 * judged by the ledgers).
 */
export interface CallCounts {
  readonly ok: number;
  readonly auth: number;
  readonly params: number;
  readonly server: number;
}

/** Requests of one arm: permits granted, requests whose first byte was sent, requests answered with 429. */
export interface RequestLedger {
  readonly permits: number;
  readonly sent: number;
  readonly throttled: number;
}

/** All that happened in one period of the ledger (a minute, unless the clock is scaled). */
export interface MinuteCounts {
  /** Epoch ms of the period's begin. */
  readonly at: number;
  /** By operation, which is an endpoint's id. */
  readonly operations: Readonly<Record<string, PerArm<CallCounts>>>;
  readonly requests: PerArm<RequestLedger>;
  /** The largest figures seen in the period; absent when the vendor told none. */
  readonly vendor: { readonly used?: number; readonly limit?: number };
  /** Requests per window the limiter held to; absent when nobody said. */
  readonly limitInForce?: number;
  /** Trace ids of the last call that ended so, for whoever wants to look. */
  readonly traces: readonly {
    readonly operation: string;
    readonly arm: keyof PerArm<unknown>;
    readonly group: ErrorGroup | 'throttled';
    readonly traceId: string;
  }[];
}
