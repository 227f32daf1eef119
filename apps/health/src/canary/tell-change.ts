import type { CanaryRun, Tick } from '@glasshouse/canary';
import type { Logger } from '@glasshouse/service-kit';
import { SpanStatusCode, trace, type Attributes } from '@opentelemetry/api';

const tracer = () => trace.getTracer('@glasshouse/health');

/** One line and one span for each change of a run, with what it was decided on. */
export const tellChange = (
  log: Pick<Logger, 'info' | 'warn'>,
  run: CanaryRun,
  tick: Tick | undefined,
): void => {
  if (tick === undefined) return;
  const facts = { run: run.id, status: run.status, stage: run.stage + 1, share: run.share };
  const isLoud = run.status === 'rolled-back' || run.status === 'taken-over';
  tracer().startActiveSpan(
    `canary ${tick.kind}`,
    { attributes: attributesOf(run, tick) },
    (span) => {
      const fields = { event: `canary.${tick.kind}`, ...facts, ...fieldsOf(tick) };
      log[isLoud ? 'warn' : 'info'](fields, `canary: ${sentenceOf(tick)}`);
      if (run.status === 'rolled-back') span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    },
  );
};

const sentenceOf = (tick: Tick): string => {
  switch (tick.kind) {
    case 'tick':
      return tick.acted ? tick.words : `${tick.words} (advice, not acted on)`;
    case 'flags':
      return `flags are at version ${tick.flagVersionAfter}: ${tick.reason}`;
    case 'order':
      return `${tick.order} by ${tick.by}: ${tick.reason}`;
    case 'arms':
      return tick.words;
    case 'taken-over':
      return `${tick.by} changed the flag: the run is over`;
  }
};

const fieldsOf = (tick: Tick): object => {
  if (tick.kind !== 'tick') return { ...tick };
  const { decision, evidence, kept, acted, flagVersion } = tick;
  const { e, calls, requests, riskDifference, upperBound } = evidence;
  return { decision, kept, acted, flagVersion, calls, requests, e, riskDifference, upperBound };
};

const attributesOf = (run: CanaryRun, tick: Tick): Attributes => ({
  'coinglass.canary.run': run.id,
  'coinglass.canary.status': run.status,
  'coinglass.canary.stage': run.stage + 1,
  'coinglass.canary.share': run.share,
  ...(tick.kind === 'tick' && {
    'coinglass.canary.period': tick.counts.at,
    'coinglass.canary.decision': tick.decision.kind,
    ...('reason' in tick.decision && { 'coinglass.canary.reason': tick.decision.reason }),
    'coinglass.canary.acted': tick.acted,
    'coinglass.canary.counts': JSON.stringify(tick.counts),
    'coinglass.canary.evidence': JSON.stringify(tick.evidence),
  }),
});
