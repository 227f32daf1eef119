import type { PerArm } from '../arm.ts';
import { callsOf, errorsOf, totalCalls } from '../verdict/calls.ts';
import type { Decision, Evidence } from '../verdict/decision.ts';
import { explain } from '../verdict/explain.ts';
import { isOver, type CanaryRun, type RunStatus, type Tick } from './run.ts';

/** A run told to its end, or as far as it has come. Times in epoch ms. */
export interface CanaryReport {
  readonly id: string;
  readonly status: RunStatus;
  readonly because?: string;
  /** One sentence a person can act on. */
  readonly words: string;
  readonly mode: CanaryRun['plan']['mode'];
  readonly reason: string;
  readonly startedAt: number;
  readonly startedBy: string;
  readonly endedAt?: number;
  readonly over: boolean;
  readonly arms: CanaryRun['arms'];
  readonly warnings: readonly string[];
  readonly plan: CanaryRun['plan'];
  readonly stage: number;
  readonly share: number;
  readonly events: CanaryRun['events'];
  readonly evidence?: Evidence;
  /** Judged periods, by what was decided. */
  readonly decisions: Readonly<Partial<Record<Decision['kind'], number>>>;
  /** Over all judged periods. */
  readonly totals: {
    readonly periods: number;
    readonly withoutData: number;
    readonly calls: ArmTotals;
    readonly errors: ArmTotals;
    readonly sent: ArmTotals;
    readonly permits: ArmTotals;
    readonly throttled: ArmTotals;
  };
  /** Which ledger answers for refusals by 429, in words; absent: there were none. */
  readonly throttledBy?: string;
  readonly orders: readonly Extract<Tick, { kind: 'order' }>[];
  readonly flagWrites: readonly Extract<Tick, { kind: 'flags' }>[];
}

type ArmTotals = PerArm<number>;

type JudgedTick = Extract<Tick, { kind: 'tick' }>;

const ofKind = <Kind extends Tick['kind']>(
  ticks: readonly Tick[],
  kind: Kind,
): Extract<Tick, { kind: Kind }>[] =>
  ticks.filter((tick): tick is Extract<Tick, { kind: Kind }> => tick.kind === kind);

export const createReport = (run: CanaryRun, ticks: readonly Tick[]): CanaryReport => {
  const judged = ofKind(ticks, 'tick');
  const totals = totalsOf(judged);
  const throttledBy = throttledWords(totals, judged);
  return {
    ...{ id: run.id, status: run.status, mode: run.plan.mode, reason: run.reason },
    ...(run.because !== undefined && { because: run.because }),
    words: outcomeWords(run),
    ...{ startedAt: run.startedAt, startedBy: run.startedBy },
    ...(run.endedAt !== undefined && { endedAt: run.endedAt }),
    over: isOver(run.status),
    ...{ arms: run.arms, warnings: run.warnings, plan: run.plan },
    ...{ stage: run.stage, share: run.share, events: run.events },
    ...(run.evidence !== undefined && { evidence: run.evidence }),
    decisions: countBy(judged.map(({ decision }) => decision.kind)),
    totals,
    ...(throttledBy !== undefined && { throttledBy }),
    orders: ofKind(ticks, 'order'),
    flagWrites: ofKind(ticks, 'flags'),
  };
};

/** The status in a sentence, with what is to be done, if anything is. */
export const outcomeWords = (run: CanaryRun): string => {
  const { status, decision, evidence, share } = run;
  const why =
    decision === undefined || evidence === undefined ? '' : explain(decision, evidence).join(' ');
  const single = run.plan.mode === 'single-arm';
  switch (status) {
    case 'running':
      return run.judgeFrom === undefined
        ? 'Begins: the first share is about to be written into the flags.'
        : `Runs at ${share} %. ${why}`.trim();
    case 'held':
      return `Held at ${share} %: the clock of the stage stands still. ${why}`.trim();
    case 'paused':
      return `Paused by a person at ${share} %: goes on being judged, and rolls back if it must; advances after resume.`;
    case 'inconclusive':
      return `Asks a person at ${share} %: it could not be shown either way. ${why} Answer with resume, promote or rollback.`;
    case 'promoted':
      return `Promoted: every call runs it, and it is still watched. ${why}`.trim();
    case 'finished':
      return 'Promoted and watched to the end: the run is over.';
    case 'rolled-back':
      return [
        run.because === 'order' ? 'Rolled back by a person.' : `Rolled back. ${why}`,
        ...(run.pending === undefined
          ? [
              single
                ? 'Nothing is sent any more: vendor.egress.enabled is off.'
                : 'Every call runs the baseline again.',
            ]
          : ['It is about to be written into the flags.']),
        run.cleared === undefined
          ? 'Frozen until a person clears it.'
          : `Cleared by ${run.cleared.by}.`,
      ].join(' ');
    case 'taken-over':
      return 'A person changed the flag and has the say: this run writes nothing any more.';
  }
};

const zero: ArmTotals = { baseline: 0, canary: 0 };
const plus = <T>(total: ArmTotals, arms: PerArm<T>, of: (arm: T) => number): ArmTotals => ({
  baseline: total.baseline + of(arms.baseline),
  canary: total.canary + of(arms.canary),
});

const totalsOf = (judged: readonly JudgedTick[]): CanaryReport['totals'] =>
  judged.reduce<CanaryReport['totals']>(
    (totals, { kept, counts }) => {
      const calls = totalCalls(counts);
      const { baseline, canary } = counts.requests;
      return {
        periods: totals.periods + 1,
        withoutData: totals.withoutData + (kept ? 0 : 1),
        calls: plus(totals.calls, calls, callsOf),
        errors: plus(totals.errors, calls, errorsOf),
        sent: plus(totals.sent, { baseline, canary }, ({ sent }) => sent),
        permits: plus(totals.permits, { baseline, canary }, ({ permits }) => permits),
        throttled: plus(totals.throttled, { baseline, canary }, ({ throttled }) => throttled),
      };
    },
    {
      ...{ periods: 0, withoutData: 0, calls: zero, errors: zero },
      ...{ sent: zero, permits: zero, throttled: zero },
    },
  );

const throttledWords = (
  { throttled, sent, permits }: CanaryReport['totals'],
  judged: readonly JudgedTick[],
): string | undefined => {
  if (throttled.baseline + throttled.canary === 0) return undefined;
  const seen = `429 seen ${throttled.canary} times by the canary, ${throttled.baseline} times by the baseline`;
  const over = (['canary', 'baseline'] as const).filter((arm) => sent[arm] > permits[arm]);
  if (over.length > 0) return `${seen}; sent more than it had permits for: ${over.join(' and ')}`;
  const foreign = judged.some(
    ({ decision }) => decision.kind === 'hold' && decision.reason === 'quota:foreign',
  );
  return foreign
    ? `${seen}; neither sent more than its permits, somebody else uses the key`
    : `${seen}; neither sent more than its permits: the limit in force is too high for the plan`;
};

const countBy = <Key extends string>(keys: readonly Key[]): Partial<Record<Key, number>> => {
  const counts: Partial<Record<Key, number>> = {};
  for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
};
