import {
  armNames,
  evidenceGroups,
  type EvidenceGroup,
  type CanaryRun,
  type Tick,
} from '@glasshouse/canary';
import { metrics } from '@opentelemetry/api';

export interface CanaryMetrics {
  /** To be told each change of the run. */
  note(run: CanaryRun, tick: Tick | undefined): void;
  /** Another health leads, and tells. */
  forget(): void;
  stop(): void;
}

/** The run as the leading health knows it: where it stands, what speaks against it, what was decided, and calls by arm. */
export const createCanaryMetrics = (): CanaryMetrics => {
  const meter = metrics.getMeter('@glasshouse/health');
  const verdicts = meter.createCounter('coinglass.canary.verdicts', {
    unit: '{verdict}',
    description: 'Judged periods, by what was decided',
  });
  const calls = meter.createCounter('coinglass.canary.calls', {
    unit: '{call}',
    description: 'Calls that were judged, by arm and end',
  });
  const status = meter.createObservableGauge('coinglass.canary.status', {
    description: '1 for the status that the run has',
  });
  const stage = meter.createObservableGauge('coinglass.canary.stage', {
    description: 'The stage of the run, from 1 on',
  });
  const share = meter.createObservableGauge('coinglass.canary.share', {
    unit: '1',
    description: 'Share of calls, or of the limit, that the canary has',
  });
  const evidence = meter.createObservableGauge('coinglass.canary.evidence', {
    unit: '1',
    description: 'log E over log threshold, by group; at 1 the canary is rolled back',
  });
  const gauges = [status, stage, share, evidence];
  let last: CanaryRun | undefined;
  const observe: Parameters<typeof meter.addBatchObservableCallback>[0] = (result) => {
    if (last === undefined) return;
    result.observe(status, 1, { status: last.status });
    result.observe(stage, last.stage + 1);
    result.observe(share, last.share / 100);
    for (const group of last.evidence ? evidenceGroups : [])
      result.observe(evidence, evidenceRatio(last, group), { group });
  };
  meter.addBatchObservableCallback(observe, gauges);
  return {
    note(run, tick) {
      last = run;
      if (tick?.kind !== 'tick') return;
      const { decision, counts } = tick;
      const reason = 'reason' in decision ? { reason: decision.reason } : {};
      verdicts.add(1, { verdict: decision.kind, ...reason });
      for (const operation of Object.values(counts.operations))
        for (const arm of armNames)
          for (const [outcome, count] of Object.entries(operation[arm]))
            if (count > 0) calls.add(Number(count), { 'coinglass.arm': arm, outcome });
    },
    forget: () => {
      last = undefined;
    },
    stop: () => meter.removeBatchObservableCallback(observe, gauges),
  };
};

/** 0 while nothing speaks against it. */
const evidenceRatio = ({ evidence }: CanaryRun, group: EvidenceGroup): number => {
  if (evidence === undefined) return 0;
  return Math.max(0, Math.log(evidence.e[group]) / Math.log(evidence.threshold));
};
