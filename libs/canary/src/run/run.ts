import type { CanaryPlan, Decision, Evidence } from '../verdict/decision.ts';
import type { MinuteCounts } from '../ledger/minute-counts.ts';
import type { VerdictState } from '../verdict/state.ts';

/**
 * `running`, `held` (the clock of the stage stands still), `paused` (by a person), `inconclusive` (asks a person), `promoted` (still
 * watched), `finished`, `rolled-back` (frozen until a person clears it), `taken-over` (a person changed the flag).
 */
export const runStatuses = [
  'running',
  'held',
  'paused',
  'inconclusive',
  'promoted',
  'finished',
  'rolled-back',
  'taken-over',
] as const;
export type RunStatus = (typeof runStatuses)[number];

/** Nothing is judged or written any more. */
export const isOver = (status: RunStatus): boolean =>
  status === 'finished' || status === 'rolled-back' || status === 'taken-over';

export const orderNames = ['start', 'pause', 'resume', 'promote', 'rollback', 'clear'] as const;
export type OrderName = (typeof orderNames)[number];

/** What is to stand in the flags; absent parts stay as they are. */
export interface FlagIntent {
  /** Epoch ms; tells one intent of a run from another. */
  readonly at: number;
  /** What flags and audit are told, reason code first. */
  readonly reason: string;
  /** Of 100, see `Stage.share`; 0 is the way back. */
  readonly share?: number;
  readonly egress?: 'on' | 'off';
  /** An operation that is switched off. */
  readonly disable?: string;
  /** Requests per window. */
  readonly limit?: number;
}

/** One thing that happened in a run, as the report tells it. */
export interface RunEvent {
  /** Epoch ms. */
  readonly at: number;
  readonly what: RunStatus | OrderName | 'stage' | 'endpoint-off' | 'limit-lowered';
  /** `canary`, or the person. */
  readonly by: string;
  readonly words: string;
  readonly flagVersion: number;
}

/** What the arms are, as the fetchers announced it when the run began. */
export interface ArmsFound {
  readonly fetchers: number;
  /** Names of the options in which the canary differs; none: it is the same client. */
  readonly options: readonly string[];
  /** Of the canary's options; more than one: the fetchers do not agree. */
  readonly digests: readonly string[];
}

/** What whoever orders a run cannot know, and the controller does. */
export interface RunSettings {
  /** Length of a ledger's period, ms. */
  readonly periodMs: number;
  /** Requests per window that a share of 100 % means (single-arm mode). */
  readonly limit: number;
}

/** A run of the canary, whole: plain JSON, so that whoever leads next goes on from it. */
export interface CanaryRun {
  readonly id: string;
  /** As it was when the run began; the run is judged by it to its end. */
  readonly plan: CanaryPlan;
  readonly status: RunStatus;
  /** Reason code of the status: of a hold, of a rollback, of what is asked. */
  readonly because?: string;
  /** Index into the plan's stages. */
  readonly stage: number;
  /** Of 100: what the flags say, or will when `pending` is written. */
  readonly share: number;
  /** Of the controller that took it up first; absent: none has seen it yet. */
  readonly settings?: RunSettings;
  readonly startedAt: number;
  readonly startedBy: string;
  readonly reason: string;
  readonly arms: ArmsFound;
  readonly warnings: readonly string[];
  readonly verdict: VerdictState;
  /** Epoch ms: begin of the next period to judge; absent until the first share stands in the flags. */
  readonly judgeFrom?: number;
  readonly evidence?: Evidence;
  readonly decision?: Decision;
  /** False: the last decision is advice that nobody acted on. */
  readonly acted?: boolean;
  /** The driven flag's rule as this run wrote it, see `ruleText`: anything else in the flags is a person's. */
  readonly driven?: string;
  /** The driven flag's definition before the run. */
  readonly found?: unknown;
  readonly flagVersion: number;
  /** Decided, and not yet known to stand in the flags. */
  readonly pending?: FlagIntent;
  /** The limit has been lowered in the hold that is on. */
  readonly limitLowered?: boolean;
  readonly events: readonly RunEvent[];
  readonly endedAt?: number;
  /** The freeze has been lifted. */
  readonly cleared?: { readonly by: string; readonly at: number; readonly reason: string };
}

/** A run that a controller has taken up. */
export type TakenRun = CanaryRun & { readonly settings: RunSettings };

export const isTaken = (run: CanaryRun): run is TakenRun => run.settings !== undefined;

/** One entry of a run's stream. Times in epoch ms. */
export type Tick =
  | {
      readonly kind: 'tick';
      readonly at: number;
      /** Token of the leader that judged. */
      readonly token: number;
      /** False: the ledger has nothing of this period. */
      readonly kept: boolean;
      readonly counts: MinuteCounts;
      readonly evidence: Evidence;
      readonly decision: Decision;
      readonly words: string;
      /** False: advice that was not acted on (`canary.auto` is off, the run is paused …). */
      readonly acted: boolean;
      readonly status: RunStatus;
      readonly stage: number;
      readonly share: number;
      readonly flagVersion: number;
    }
  | {
      readonly kind: 'flags';
      readonly at: number;
      readonly token: number;
      readonly reason: string;
      /** Equal: it stood there already. */
      readonly flagVersionBefore: number;
      readonly flagVersionAfter: number;
    }
  | {
      readonly kind: 'order';
      readonly at: number;
      readonly order: OrderName;
      readonly by: string;
      readonly reason: string;
      readonly statusBefore?: RunStatus;
      readonly statusAfter: RunStatus;
    }
  | {
      readonly kind: 'arms';
      readonly at: number;
      readonly token: number;
      /** As the fetchers announce them now. */
      readonly arms: ArmsFound;
      readonly words: string;
    }
  | {
      readonly kind: 'taken-over';
      readonly at: number;
      readonly token: number;
      readonly by: string;
      readonly flagVersion: number;
    };

/** A run keeps so many of its events; the stream has all. */
const eventsMax = 200;

export const withEvent = (run: CanaryRun, event: Omit<RunEvent, 'flagVersion'>): CanaryRun => ({
  ...run,
  events: [...run.events, { ...event, flagVersion: run.flagVersion }].slice(-eventsMax),
});

/** The flag that a run drives: who else changes it takes the run over. */
export const drivenFlag = ({ plan }: Pick<CanaryRun, 'plan'>): 'coinglass.arm' | 'coinglass.rpm' =>
  plan.mode === 'two-arm' ? 'coinglass.arm' : 'coinglass.rpm';
