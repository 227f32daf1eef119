import type { FailureRecord, PagePlan, Span, TeamShare } from '@glasshouse/coinglass-client';

export const backfillStates = [
  'queued',
  'running',
  'completed',
  'completed-with-gaps',
  'failed',
  'cancelled',
] as const;
export type BackfillState = (typeof backfillStates)[number];

/** What was ordered; it never changes. */
export interface BackfillOrder {
  readonly id: string;
  readonly team: TeamShare;
  /** Catalogue id. */
  readonly endpoint: string;
  /** In the house's words, for people. */
  readonly asked: Readonly<Record<string, string>>;
  /** The vendor's own parameters, without range and interval. */
  readonly params: Readonly<Record<string, string>>;
  readonly plan: PagePlan;
  /** Epoch ms. */
  readonly createdAt: number;
}

/** Why no page is fetched at the moment, and until when (epoch ms). */
export interface BackfillWait {
  readonly because: string;
  readonly until: number;
}

/** An order and what has become of it. Times in epoch ms. */
export interface Backfill {
  readonly order: BackfillOrder;
  readonly state: BackfillState;
  /** Pages stored, and pages given up. */
  readonly done: number;
  readonly lost: number;
  readonly rows: number;
  /** Requests it has cost, retries included. */
  readonly permits: number;
  /** Bytes its pages take in Redis. */
  readonly bytes: number;
  readonly startedAt?: number;
  readonly lastPageAt?: number;
  readonly endedAt?: number;
  /** Why it stopped as a whole. */
  readonly failure?: FailureRecord;
  readonly waiting?: BackfillWait;
}

/** What is known of a stored page; its rows lie beside it. */
export interface StoredPage {
  readonly state: 'done';
  readonly rows: number;
  /** Epoch ms. */
  readonly fetchedAt: number;
  readonly source: 'coinglass' | 'custom' | 'sandbox';
  readonly permits: number;
  readonly firstAt?: number;
  readonly openFrom?: number;
  readonly missing: readonly Span[];
  readonly repeated: number;
  readonly conflicting: number;
  readonly strayed: number;
  readonly newFields: readonly string[];
}

/** A page that was given up: the rest goes on without it. */
export interface LostPage {
  readonly state: 'lost';
  readonly failure: FailureRecord;
  readonly permits: number;
  /** Epoch ms. */
  readonly fetchedAt: number;
}

export type BackfillPage = StoredPage | LostPage;

export const isOver = (state: BackfillState): boolean => state !== 'queued' && state !== 'running';
