import type { CallCounts } from '../ledger/minute-counts.ts';
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

interface ArmTotals {
  readonly baseline: number;
  readonly canary: number;
}

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
        single
          ? 'Nothing is sent any more: vendor.egress.enabled is off.'
          : 'Every call runs the baseline again.',
        run.cleared === undefined
          ? 'Frozen until a person clears it.'
          : `Cleared by ${run.cleared.by}.`,
      ].join(' ');
    case 'taken-over':
      return 'A person changed the flag and has the say: this run writes nothing any more.';
  }
};

const zero: ArmTotals = { baseline: 0, canary: 0 };
const plus = (a: ArmTotals, b: ArmTotals): ArmTotals => ({
  baseline: a.baseline + b.baseline,
  canary: a.canary + b.canary,
});

const totalsOf = (judged: readonly JudgedTick[]): CanaryReport['totals'] =>
  judged.reduce<CanaryReport['totals']>(
    (totals, { kept, counts }) => {
      const operations = Object.values(counts.operations);
      const { baseline, canary } = counts.requests;
      return {
        periods: totals.periods + 1,
        withoutData: totals.withoutData + (kept ? 0 : 1),
        calls: operations.reduce(
          (sum, arms) =>
            plus(sum, { baseline: callsOf(arms.baseline), canary: callsOf(arms.canary) }),
          totals.calls,
        ),
        errors: operations.reduce(
          (sum, arms) =>
            plus(sum, {
              baseline: callsOf(arms.baseline) - arms.baseline.ok,
              canary: callsOf(arms.canary) - arms.canary.ok,
            }),
          totals.errors,
        ),
        sent: plus(totals.sent, { baseline: baseline.sent, canary: canary.sent }),
        permits: plus(totals.permits, { baseline: baseline.permits, canary: canary.permits }),
        throttled: plus(totals.throttled, {
          baseline: baseline.throttled,
          canary: canary.throttled,
        }),
      };
    },
    {
      ...{ periods: 0, withoutData: 0, calls: zero, errors: zero },
      ...{ sent: zero, permits: zero, throttled: zero },
    },
  );

const callsOf = ({ ok, auth, params, server }: CallCounts): number => ok + auth + params + server;

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
