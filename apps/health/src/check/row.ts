import type { FlagsSource } from '@glasshouse/flags';
import type { Road } from './road.ts';
import type { Finding, RowResult, RowSubject } from './result.ts';

/** How long a row may take. The first two count from the asking. */
export interface Patience {
  /** The answer must be there. */
  readonly answerMs: number;
  /** A fetcher must have picked the job up; otherwise it is taken back and nothing is spent. */
  readonly pickUpMs: number;
  /** If permits come only after the answer is due, but within this time: wait for them and ask again. Absent: do not. */
  readonly permitMs?: number;
}

/** What a row needs to run. */
export interface RowTools {
  readonly road: Road;
  /** Round trip and facts of Redis. Rejects when Redis is away. */
  readonly inspectRedis: () => Promise<Finding>;
  /** Rejects when they cannot be had at all. */
  readonly flagsSource: () => Promise<FlagsSource>;
  readonly patience: Patience;
  /** Why the stream cannot be asked here, in words; absent: it can. */
  readonly streamSkipped?: string;
  readonly now: () => number;
  /** What the rows before have found, for those that only draw a conclusion. */
  readonly before: readonly RowResult[];
}

/** One question of the check. A row says what it found and never rejects for what it went to find out. */
export interface Row {
  readonly name: string;
  readonly subject: RowSubject;
  /** Requests to the vendor it may cost when nothing is retried: a refused interval costs a second one. */
  readonly permitsMax: number;
  readonly run: (tools: RowTools) => Promise<Finding>;
}
