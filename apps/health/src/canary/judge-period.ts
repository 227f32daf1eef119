import {
  enterArmed,
  enterStage,
  explain,
  judge,
  rolledBack,
  withEvent,
  type CanaryRun,
  type Decision,
  type MinuteCounts,
  type TakenRun,
  type Tick,
} from '@glasshouse/canary';

/** What is known besides the counts when a period is judged. */
export interface JudgeFacts {
  /** Epoch ms. */
  readonly at: number;
  readonly token: number;
  /** The ledger has something of this period. */
  readonly kept: boolean;
  /** `canary.auto`: may the verdict be acted on? */
  readonly auto: boolean;
  /** No later period is due: only then a stage is entered, so that what is caught up counts for the stage it was in. */
  readonly latest: boolean;
}

export type JudgedTick = Extract<Tick, { kind: 'tick' }>;

/** Judges one period and says what the record is after it; what is to be written into the flags is `pending` there. Pure. */
export const judgePeriod = (
  run: TakenRun,
  counts: MinuteCounts,
  facts: JudgeFacts,
): { readonly run: CanaryRun; readonly tick: JudgedTick } => {
  const { state, decision, evidence } = judge(run.plan, run.verdict, counts);
  const words = explain(decision, evidence).join(' ');
  const judged: TakenRun = {
    ...run,
    ...{ verdict: state, decision, evidence },
    judgeFrom: counts.at + run.settings.periodMs,
  };
  const acted = actOn(judged, decision, words, facts);
  const next: CanaryRun = { ...(acted ?? asAdvice(judged, run)), acted: acted !== undefined };
  return {
    run: next,
    tick: {
      kind: 'tick',
      ...{ at: facts.at, token: facts.token, kept: facts.kept },
      ...{ counts, evidence, decision, words },
      acted: acted !== undefined,
      ...{ status: next.status, stage: next.stage, share: next.share },
      flagVersion: run.flagVersion,
    },
  };
};

/** An operation that is switched off is judged no more; one that only ought to be goes on being judged. */
const asAdvice = (judged: TakenRun, { verdict }: TakenRun): CanaryRun => ({
  ...judged,
  verdict: { ...judged.verdict, disabled: verdict.disabled },
});

/** The record after the decision; undefined: it stays advice. */
const actOn = (
  run: TakenRun,
  decision: Decision,
  words: string,
  { at, auto, latest }: JudgeFacts,
): CanaryRun | undefined => {
  const { status } = run;
  const moves = status === 'running' || status === 'held';
  const event = { at, by: 'canary', words };
  switch (decision.kind) {
    case 'continue':
      return status === 'held' ? running(run, event) : run;
    case 'hold':
      return moves ? held(run, decision.reason, event, auto) : undefined;
    case 'inconclusive':
      if (!moves && status !== 'promoted') return undefined;
      return withEvent(
        { ...run, status: 'inconclusive', because: decision.reason },
        { ...event, what: 'inconclusive' },
      );
    case 'advance': {
      if (!moves || !auto || !latest) return undefined;
      const { stage, share } = decision;
      return withEvent(
        {
          ...running(run, event),
          ...{ stage, share, verdict: enterStage(run.verdict, stage) },
          pending: { at, share, reason: `advance: ${words}` },
        },
        { ...event, what: 'stage' },
      );
    }
    case 'promote':
      if (!moves || !auto || !latest) return undefined;
      return withEvent(
        {
          ...running(run, event),
          ...{ status: 'promoted', share: 100, verdict: enterArmed(run.verdict) },
          pending: { at, share: 100, reason: `promote: ${words}` },
        },
        { ...event, what: 'promoted' },
      );
    case 'finished':
      if (status !== 'promoted') return undefined;
      return withEvent({ ...run, status: 'finished', endedAt: at }, { ...event, what: 'finished' });
    case 'disable-endpoint': {
      if (!auto) return undefined;
      const { operation } = decision;
      return withEvent(
        { ...run, pending: { at, disable: operation, reason: `hard-stop: ${words}` } },
        { ...event, what: 'endpoint-off' },
      );
    }
    case 'rollback':
      if (!auto) return undefined;
      return withEvent(
        rolledBack(run, { at, because: decision.reason, reason: `${decision.reason}: ${words}` }),
        { ...event, what: 'rolled-back' },
      );
  }
};

type Told = Pick<Parameters<typeof withEvent>[1], 'at' | 'by' | 'words'>;

/** Out of a hold, if it was in one. */
const running = (run: CanaryRun, event: Told): CanaryRun => {
  const { because: _, limitLowered: __, ...rest } = run;
  const goesOn: CanaryRun = { ...rest, status: 'running' };
  return run.status === 'held' ? withEvent(goesOn, { ...event, what: 'running' }) : goesOn;
};

/** At a limit that is too high, a tenth less is asked of it, once in a hold. */
const held = (run: TakenRun, because: string, event: Told, auto: boolean): CanaryRun => {
  const isNews = run.status !== 'held' || run.because !== because;
  const holding: CanaryRun = { ...run, status: 'held', because };
  const told = isNews ? withEvent(holding, { ...event, what: 'held' }) : holding;
  if (because !== 'quota:limit' || run.limitLowered === true || !auto) return told;
  const inForce = run.evidence?.limitInForce ?? run.settings.limit;
  return withEvent(
    {
      ...told,
      limitLowered: true,
      pending: {
        at: event.at,
        limit: Math.max(1, Math.floor(inForce * 0.9)),
        reason: `${because}: ${event.words}`,
      },
    },
    { ...event, what: 'limit-lowered' },
  );
};
