import { z } from 'zod';
import { armNames } from '../arm.ts';
import {
  errorGroups,
  type CallCounts,
  type ErrorGroup,
  type RequestLedger,
} from './minute-counts.ts';

/** How a logical call ended, as far as the ledger counts it. */
export type CallOutcome = 'ok' | ErrorGroup;

const count = z.int().nonnegative();
const perArm = <Value extends z.ZodType>(value: Value) =>
  z.strictObject({ baseline: value, canary: value });

/** What one fetcher counted in one period, as it lies in Redis: whole, so that writing it twice changes nothing. */
export const fetcherMinute = z.strictObject({
  operations: z.record(
    z.string().max(128),
    perArm(z.strictObject({ ok: count, auth: count, params: count, server: count })),
  ),
  requests: perArm(z.strictObject({ permits: count, sent: count, throttled: count })),
  vendorUsed: count.optional(),
  vendorLimit: count.optional(),
  limitInForce: count.optional(),
  traces: z.array(
    z.strictObject({
      operation: z.string().max(128),
      arm: z.enum(armNames),
      group: z.enum([...errorGroups, 'throttled']),
      traceId: z.string().max(64),
    }),
  ),
});
export type FetcherMinute = z.output<typeof fetcherMinute>;

/** Which canary a fetcher runs. */
export interface CanaryClient {
  /** The same for the same options. */
  readonly digest: string;
  /** Names of the options in which it differs from the baseline, sorted; none: it is the same client. */
  readonly options: readonly string[];
}

export const fetcherAnnouncement = z.strictObject({
  instance: z.string().max(64),
  canary: z.strictObject({ digest: z.string().max(64), options: z.array(z.string().max(128)) }),
});

export const noCalls: CallCounts = { ok: 0, auth: 0, params: 0, server: 0 };
export const noRequests: RequestLedger = { permits: 0, sent: 0, throttled: 0 };
