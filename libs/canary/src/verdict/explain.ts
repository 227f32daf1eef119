import type {
  Decision,
  Evidence,
  HoldReason,
  InconclusiveReason,
  RollbackReason,
} from './decision.ts';

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
const figure = (value: number): string =>
  value >= 1e6 ? value.toExponential(1) : value.toFixed(value < 10 ? 1 : 0);

const groupWords = {
  auth: 'refused with 401, 403 or 404',
  params: 'refused with 400 or 422, and no fallback cured it',
  server: 'failed with 5xx, a time-out or an unreadable answer',
  all: 'failed in one way or another',
  throttled: 'throttled with 429',
} as const;

const holdWords: Readonly<Record<HoldReason, string>> = {
  'vendor-trouble': 'The vendor fails for everybody, which says nothing about the canary.',
  'both-arms-refused':
    'Baseline and canary are refused on the same operation: look at the key and at the vendor, going back would mend nothing.',
  'quota:baseline':
    'The baseline sends more than its permits allow, and the vendor throttles both.',
  'quota:foreign': 'Somebody else uses the key, and the vendor throttles both arms.',
  'quota:limit': 'The vendor throttles although the limit is kept: lower coinglass.rpm.',
  'no-data': 'No call ended in the last minute, and no data is never a pass.',
};

const questionWords: Readonly<Record<InconclusiveReason, string>> = {
  'too-few-calls': 'there were too few calls to tell',
  'too-long': 'the run has taken too long',
  'held-too-long': 'the run was on hold for too long',
  'not-shown': 'the canary was not shown to be good enough',
};

const overrunWords = ({ requests: { canary }, limitInForce }: Evidence): string =>
  `The canary sends what it holds no permit for (last minute: ${canary.sent} sent on ${canary.permits} permits${
    limitInForce === undefined ? '' : `, limit ${limitInForce}`
  }).`;

const worstWords = ({ offenders: [worst] }: Evidence): string[] => {
  if (!worst) return [];
  const { operation, errors, calls, traceId } = worst;
  const seen = traceId === undefined ? '' : `, e.g. trace ${traceId}`;
  return [
    `Most often on ${operation}: ${errors.canary} of ${calls.canary} calls, the baseline ${errors.baseline} of ${calls.baseline}${seen}.`,
  ];
};

const rollbackWords = (
  reason: RollbackReason,
  operation: string | undefined,
  evidence: Evidence,
): string[] => {
  if (reason === 'quota-overrun') return [overrunWords(evidence)];
  if (reason === 'hard-stop')
    return [
      `${operation ?? 'An operation'} refused the canary three times in a row and served the baseline.`,
    ];
  const group = reason.slice('worse:'.length) as keyof typeof groupWords;
  return [
    `Calls of the canary ${groupWords[group]} more often than chance can explain: evidence ${figure(evidence.e[group])}, enough is ${evidence.threshold}.`,
    ...worstWords(evidence),
  ];
};

/** A decision in a sentence or two, for a person. */
export const explain = (decision: Decision, evidence: Evidence): string[] => {
  const { stageMinutes, calls, riskDifference, upperBound } = evidence;
  const soFar = `${calls.canary} calls of the canary in ${stageMinutes} min of this stage`;
  const bound =
    riskDifference === undefined || upperBound === undefined
      ? ''
      : ` It is ${percent(riskDifference)} worse, at most ${percent(upperBound)}.`;
  switch (decision.kind) {
    case 'continue':
      return [`Nothing speaks against the canary: ${soFar}.`];
    case 'advance':
      return [`Good enough to go on to ${decision.share} %: ${soFar}.${bound}`];
    case 'promote':
      return [`Good enough for everything: ${soFar}.${bound}`];
    case 'finished':
      return [`Nothing came up in the ${stageMinutes} min after the promotion: the run is over.`];
    case 'hold':
      return [`${holdWords[decision.reason]} The run stands still until that is over.`];
    case 'inconclusive':
      return [
        `Nothing can be concluded, ${questionWords[decision.reason]}: ${soFar}.${bound}`,
        'The share stays as it is; a person decides whether to go on, to promote or to go back.',
      ];
    case 'disable-endpoint':
      return [
        `${decision.operation} refuses the canary, and nothing else does: it is switched off, the run goes on.`,
      ];
    case 'rollback':
      return rollbackWords(decision.reason, decision.operation, evidence);
  }
};
